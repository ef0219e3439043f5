import type { Migration, MigrationRunner } from '@caretab/store';

/** How the person was present whose credential an institution resolved; before, no one asked. */
export class Gateway1700000000020 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(
      `alter table presented_person
         add column presence text not null default 'typed'
           check (presence in ('typed', 'face', 'code', 'card'))`,
    );
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table presented_person drop column presence');
  }
}

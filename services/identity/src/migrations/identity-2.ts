import type { Migration, MigrationRunner } from '@caretab/store';

/** How an institution speaks: an empty profile for those that are registered already. */
export class Identity1700000000002 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(
      `alter table institution add column interface jsonb not null default '{}'::jsonb;`,
    );
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table institution drop column interface;');
  }
}

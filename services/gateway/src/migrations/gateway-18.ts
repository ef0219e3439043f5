import type { Migration, MigrationRunner } from '@caretab/store';

/** Whose credential an institution resolved, and when: for a day it may open a visit by the id. */
export class Gateway1700000000018 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(
      `create table presented_person (
         institution_id text not null,
         person_id text not null,
         presented_at timestamptz(3) not null,
         primary key (institution_id, person_id)
       )`,
    );
    await queryRunner.query('create index on presented_person (presented_at)');
    await queryRunner.query('create index on presented_person (person_id)');
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop table presented_person');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** Persons who are merged into others. */
export class VisitLedger1700000000023 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table person_alias (
        person_id text primary key, survivor_id text not null, revision integer not null,
        merged boolean not null
      );
      create index person_alias_survivor on person_alias (survivor_id) where merged;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table person_alias');
  }
}

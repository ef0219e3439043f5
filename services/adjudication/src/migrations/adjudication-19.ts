import type { Migration, MigrationRunner } from '@caretab/store';

/** Requests to settle a visit again whose charges are as they were. */
export class Adjudication1700000000019 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table resettlement (
        request_id text primary key,
        visit_id text not null, person_id text not null,
        because text not null, revision integer not null check (revision > 0),
        terms jsonb not null, requested_by text not null,
        requested_at timestamptz(3) not null, settled_revision integer
      );
      create index resettlement_open on resettlement (visit_id) where settled_revision is null;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table resettlement;');
  }
}

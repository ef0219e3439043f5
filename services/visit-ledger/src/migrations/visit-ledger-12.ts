import type { Migration, MigrationRunner } from '@caretab/store';

/** Long visits need not be read from their first fact. */
export class VisitLedger1700000000012 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table snapshot (
        stream text primary key, decider text not null, revision integer not null,
        hash text not null, state text not null, key_id text not null, mac bytea not null,
        taken_at timestamptz not null)`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table snapshot');
  }
}

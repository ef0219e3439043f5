import type { Migration, MigrationRunner } from '@caretab/store';

/** Documents of plans, for the coverages that name them by version. */
export class VisitLedger1700000000029 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table plan_document (
        version text primary key, kind text not null check (kind in ('plan', 'coordination')),
        file text not null
      )`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table plan_document');
  }
}

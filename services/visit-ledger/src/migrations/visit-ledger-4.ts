import type { Migration, MigrationRunner } from '@caretab/store';

/** The summary pages through the institutions' days, newest first. */
export class VisitLedger1700000000004 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create index institution_day_date on institution_day (business_date, day_id);
      create index visit_missed on visit (missed_reason) where missed_reason is not null;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop index institution_day_date, visit_missed');
  }
}

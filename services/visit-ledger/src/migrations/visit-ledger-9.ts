import type { Migration, MigrationRunner } from '@caretab/store';

/** Charges that wait are counted at each scrape. */
export class VisitLedger1700000000009 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(
      'create index visit_charges_waiting on visit (charges_waiting) where charges_waiting > 0',
    );
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop index visit_charges_waiting');
  }
}

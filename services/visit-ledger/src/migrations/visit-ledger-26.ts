import type { Migration, MigrationRunner } from '@caretab/store';

/** Who lends what is due of a visit. */
export class VisitLedger1700000000026 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table visit add column lender jsonb');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table visit drop column lender');
  }
}

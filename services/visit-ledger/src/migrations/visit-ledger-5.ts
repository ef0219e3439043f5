import type { Migration, MigrationRunner } from '@caretab/store';

/** A hold becomes the exact due: once adjudicated, a visit holds nothing any more. */
export class VisitLedger1700000000005 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      update visit set held_fen = 0 where held_fen <> 0 and patient_due_fen is not null;
    `);
  }

  /** What was held before is in the log: a rebuild shows it, as that release folds it. */
  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('select 1');
  }
}

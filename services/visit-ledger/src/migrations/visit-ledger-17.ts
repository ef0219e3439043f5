import type { Migration, MigrationRunner } from '@caretab/store';

/** Visits of patients whom no one knows. */
export class VisitLedger1700000000017 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table visit
        add column unidentified text,
        add column unidentified_fen bigint not null default 0,
        add column identify_until text`);
    await runner.query(`
      create index visit_unidentified on visit (institution_id, visit_id)
        where unidentified is not null`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table visit
        drop column unidentified, drop column unidentified_fen, drop column identify_until`);
  }
}

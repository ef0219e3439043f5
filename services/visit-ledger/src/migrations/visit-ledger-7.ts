import type { Migration, MigrationRunner } from '@caretab/store';

/** Neighbours compare what they know of the visits that ended on a day. */
export class VisitLedger1700000000007 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table visit add column closed_date date, add column adjudicated_revision integer;
      update visit set closed_date = (closed_at::timestamptz at time zone 'Asia/Shanghai')::date
        where closed_at is not null;
      update visit set adjudicated_revision = revision - case status when 'closed' then 1 else 0 end
        where patient_due_fen is not null;
      create index visit_closed_date on visit (closed_date, visit_id);
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop index visit_closed_date;
      alter table visit drop column closed_date, drop column adjudicated_revision;
    `);
  }
}

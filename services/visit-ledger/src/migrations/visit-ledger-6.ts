import type { Migration, MigrationRunner } from '@caretab/store';

/** Visits end by their institutions' rules, and are closed after a grace time. */
export class VisitLedger1700000000006 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table institution_rules (
        institution_id text primary key, grace_ms integer, late_charge text, outpatient_end text,
        emergency_end text
      );
      alter table visit add column grace_until text, add column timer_at text;
      create index visit_timer on visit (timer_at) where timer_at is not null;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop index visit_timer;
      alter table visit drop column grace_until, drop column timer_at;
      drop table institution_rules;
    `);
  }
}

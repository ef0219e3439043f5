import type { Migration, MigrationRunner } from '@caretab/store';

/** Which reports of a visit wait for what they refer to, and until when. */
export class VisitLedger1700000000008 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table visit
        add column waits jsonb not null default '[]',
        add column waits_until text;
      create index visit_waits_until on visit (waits_until) where waits_until is not null;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table visit drop column waits, drop column waits_until');
  }
}

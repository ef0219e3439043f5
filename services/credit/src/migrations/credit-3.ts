import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * A hold says since when its visit is asked about. A process of the release before leaves it as it
 * is; the next sign of life of the visit clears it.
 */
export class Credit1700000000003 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table hold add column overdue_since timestamptz(3);
      create index hold_overdue on hold (overdue_since)
        where status = 'held' and overdue_since is not null;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop index hold_overdue;
      alter table hold drop column overdue_since;
    `);
  }
}

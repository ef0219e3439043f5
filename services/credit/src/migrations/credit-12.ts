import type { Migration, MigrationRunner } from '@caretab/store';

/** A score has details, and an end of which the citizen is notified before. */
export class Credit1700000000012 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table score add column expires_at timestamptz(3),
        add column warn_at timestamptz(3), add column details jsonb;
      create index score_warnings on score (warn_at) where warn_at is not null;
      alter table account add column score_expires_at timestamptz(3);
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop index score_warnings;
      alter table score drop column expires_at, drop column warn_at, drop column details;
      alter table account drop column score_expires_at;
    `);
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * An account says by how much it stands above its line, so that the summary is a sum. A process of
 * the release before leaves the column of the accounts that it changes as it was; the next change
 * corrects it.
 */
export class Credit1700000000002 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table account add column over_line_fen bigint not null default 0 check (over_line_fen >= 0);
      update account set over_line_fen = greatest(0, held_fen + outstanding_fen - line_fen);
      create index account_frozen on account (frozen_reason) where frozen_reason is not null;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop index account_frozen;
      alter table account drop column over_line_fen;
    `);
  }
}

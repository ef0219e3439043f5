import type { Migration, MigrationRunner } from '@caretab/store';

/** What is written off of a due takes nothing of the line. */
export class Credit1700000000016 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table hold add column written_off_fen bigint not null default 0
        check (written_off_fen >= 0);
      alter table arrears add column written_off_at timestamptz(3);
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table hold drop column written_off_fen;
      alter table arrears drop column written_off_at;
    `);
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** Lines that banks grant to persons who agreed to it. */
export class Credit1700000000028 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table subject add column bank_consent boolean not null default false;
      create table bank_line (
        line_id text primary key, person_id text not null, lender_id text not null,
        state text not null check (state in ('asked', 'granted', 'refused', 'ended')),
        line_fen bigint not null check (line_fen >= 0),
        asked_fen bigint not null check (asked_fen >= 0),
        orders integer not null, is_out boolean not null, attempts integer not null,
        next_attempt_at timestamptz(3), lease integer not null, said_at timestamptz(3),
        check (state = 'granted' or line_fen = 0), unique (person_id, lender_id)
      );
      create index bank_line_due on bank_line (next_attempt_at) where next_attempt_at is not null;
      create index hold_of_bank on hold (account_person_id, lender_id)
        where lender_id is not null and status in ('asked', 'held', 'due');
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop index hold_of_bank;
      drop table bank_line;
      alter table subject drop column bank_consent`);
  }
}

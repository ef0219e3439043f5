import type { Migration, MigrationRunner } from '@caretab/store';

/** Loans of banks, as we mirror them, and the lender of a hold. */
export class Credit1700000000024 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table hold add column lender_id text;
      create table loan (
        visit_id text primary key, person_id text not null, account_person_id text not null,
        lender_id text not null,
        wanted_state text not null check (wanted_state in ('reserved', 'drawn', 'released')),
        wanted_fen bigint not null check (wanted_fen >= 0),
        state text not null check (state in ('none', 'reserved', 'drawn', 'released')),
        amount_fen bigint not null check (amount_fen >= 0),
        orders integer not null,
        order_kind text check (order_kind in ('reserve', 'draw', 'reduce', 'release')),
        order_fen bigint not null, asks text check (asks in ('first', 'increase')),
        request_id text, before_fen bigint not null, asked_since timestamptz(3) not null,
        causation_id text not null, traceparent text, attempts integer not null,
        next_attempt_at timestamptz(3), lease integer not null, repaid_fen bigint not null,
        overdue_since timestamptz(3), difference text, differs_since timestamptz(3)
      );
      create index loan_due on loan (next_attempt_at) where next_attempt_at is not null;
      create index loan_differs on loan (differs_since) where differs_since is not null;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table loan; alter table hold drop column lender_id');
  }
}

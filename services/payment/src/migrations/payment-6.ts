import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Rows of a statement that are neither capture nor refund, with a case each; and pay-outs. What was
 * cleared before counts as paid out: it was posted so.
 */
export class Payment1750000005000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table statement_row (
        row_id text primary key, date date not null, kind text not null, id text not null,
        amount_fen bigint, visit_id text, account text, kept_at timestamptz(3) not null,
        noted_at timestamptz(3)
      );
      create index statement_row_day on statement_row (date);

      alter table payment_case drop constraint payment_case_kind_check,
        add constraint payment_case_kind_check check (kind in ('order', 'refund', 'statement-row')),
        alter column visit_id drop not null;

      alter table clearing add column payout text not null default 'done'
        check (payout in ('open', 'done'));
      alter table clearing alter column payout drop default;
      create index clearing_in_payout on clearing (cleared_at) where payout = 'open';

      create table payout (
        bank_reference text primary key, clearing_id text not null references clearing,
        party text not null check (party in ('institution', 'insurer', 'channel', 'funder')),
        party_id text not null, amount_fen bigint not null check (amount_fen <> 0),
        value_date date not null, declared_by text not null, approved_by text not null,
        evidence text not null, booked_at timestamptz(3) not null
      );
      create index payout_clearing on payout (clearing_id);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop table payout;
      drop index clearing_in_payout;
      alter table clearing drop column payout;
      delete from payment_case where kind = 'statement-row';
      alter table payment_case drop constraint payment_case_kind_check,
        add constraint payment_case_kind_check check (kind in ('order', 'refund')),
        alter column visit_id set not null;
      drop table statement_row;
    `);
  }
}

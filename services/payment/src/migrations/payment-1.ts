import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Accounts, collections with their orders, refunds, the journal and clearings. The journal can only
 * grow, and every reference in it balances.
 */
export class Payment1750000000000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table bound_account (person_id text primary key, channel text not null, sealed_token
      text not null, bound_at timestamptz(3) not null);

      create table collection (
        payment_id text primary key, visit_id text not null unique, account_person_id text not
        null, institution_id text not null,
        closed_at timestamptz(3) not null, closed_date date not null, revision integer not null, verdict text not null,
        gross_fen bigint not null check (gross_fen >= 0), due_fen bigint not null check (due_fen >= 0),
        captured_fen bigint not null check (captured_fen >= 0), refunding_fen bigint not null
        check (refunding_fen between 0 and captured_fen),
        refunded_fen bigint not null check (refunded_fen between 0 and refunding_fen),
        status text not null check (status in ('due', 'sending', 'unresolved', 'paid',
        'declined')), attempts integer not null, orders integer not null,
        order_id text, inquiries integer not null, next_attempt_at timestamptz(3), decline_reason
        text, offered_channel text, offered_token text,
        clearing text not null check (clearing in ('pending', 'done')), causation_id text not null, traceparent text
      );
      create index collection_next on collection (next_attempt_at) where status in ('due', 'sending', 'unresolved');
      create index collection_to_clear on collection (closed_date) where clearing = 'pending';

      create table insurer_part (visit_id text, payer_id text, revision integer, amount_fen
      bigint not null, primary key (visit_id, payer_id, revision));

      create table payment_order (
        order_id text primary key, visit_id text not null, attempt integer not null, amount_fen
        bigint not null check (amount_fen > 0), channel text not null,
        sealed_token text, status text not null check (status in ('sending', 'captured',
        'declined')), reason text, started_at timestamptz(3) not null, ended_at timestamptz(3)
      );
      create index payment_order_visit on payment_order (visit_id);

      create table capture (
        order_id text primary key references payment_order, visit_id text not null, amount_fen
        bigint not null check (amount_fen > 0), channel text not null,
        reference text not null, captured_at timestamptz(3) not null, channel_date date not null
      );
      create index capture_visit on capture (visit_id);
      create index capture_day on capture (channel_date);

      create table refund (
        refund_id text primary key, visit_id text not null, order_id text not null references
        capture, amount_fen bigint not null check (amount_fen > 0), channel text not null,
        status text not null check (status in ('due', 'sending', 'completed', 'refused')),
        inquiries integer not null, next_attempt_at timestamptz(3),
        reference text, reason text, refunded_at timestamptz(3), channel_date date
      );
      create index refund_visit on refund (visit_id);
      create index refund_next on refund (next_attempt_at) where status in ('due', 'sending');
      create index refund_day on refund (channel_date);

      create table clearing (clearing_id text primary key, business_date date not null unique,
      visits integer not null, cleared_at timestamptz(3) not null);
      create table clearing_line (
        clearing_id text references clearing, visit_id text, party text check (party in
        ('institution', 'insurer', 'channel', 'funder')), party_id text, amount_fen bigint not
        null,
        primary key (clearing_id, visit_id, party, party_id)
      );
      create index clearing_line_visit on clearing_line (visit_id);
    `);
    await this.journal(queryRunner);
  }

  private async journal(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table journal_entry (
        entry_id text primary key, reference text not null, account text not null,
        debit_fen bigint not null check (debit_fen >= 0), credit_fen bigint not null check
        (credit_fen >= 0), posted_at timestamptz(3) not null,
        check ((debit_fen = 0) <> (credit_fen = 0))
      );
      create index journal_entry_reference on journal_entry (reference);

      create function journal_only_grows() returns trigger language plpgsql as $$
      begin
        raise exception 'journal entries are never changed or taken away';
      end $$;
      create trigger journal_only_grows before update or delete or truncate on journal_entry for
      each statement execute function journal_only_grows();

      create function journal_balances() returns trigger language plpgsql as $$
      begin
        if (select sum(debit_fen) - sum(credit_fen) from journal_entry where reference = new.reference) <> 0 then
          raise exception 'debits and credits of a reference are not equal';
        end if;
        return null;
      end $$;
      create constraint trigger journal_balances after insert on journal_entry deferrable
      initially deferred for each row execute function journal_balances();
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop table journal_entry, clearing_line, clearing, refund, capture, payment_order, insurer_part, collection, bound_account;
      drop function journal_only_grows, journal_balances;
    `);
  }
}

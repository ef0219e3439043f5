import type { Migration, MigrationRunner } from '@caretab/store';

const KINDS = `'order', 'refund', 'statement-row', 'presence'`;

/**
 * Pay-outs by instructions to the bank: what each source owes each hospital, the hospitals' accounts,
 * files, instructions, and what the bank reports.
 */
export class Payment1750000030000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table clearing_flow (
        clearing_id text not null references clearing, institution_id text not null,
        party text not null, party_id text not null, amount_fen bigint not null,
        settled_fen bigint not null default 0,
        way text not null check (way in ('direct', 'pooled')),
        instruction_id text,
        primary key (clearing_id, institution_id, party, party_id),
        check (way = 'pooled' or instruction_id is null),
        check (party <> 'insurer' or way = 'direct')
      );
      create index clearing_flow_payable on clearing_flow (clearing_id)
        where way = 'pooled' and instruction_id is null;
      create index clearing_flow_instruction on clearing_flow (instruction_id)
        where instruction_id is not null;
      create table hospital_account (
        institution_id text not null, number integer not null check (number > 0),
        holder_name text not null, bank_code text not null check (bank_code ~ '^[0-9]{12}$'),
        sealed_account text not null, account_index text not null, last_digits text not null,
        evidence text not null, declared_by text not null, approved_by text not null,
        set_at timestamptz(3) not null,
        primary key (institution_id, number), check (declared_by <> approved_by)
      );
      create index hospital_account_index on hospital_account (account_index);
      create table payout_file (
        message_id text primary key, content_hash text not null, sealed_content text not null,
        control_sum_fen bigint not null check (control_sum_fen > 0),
        instructions integer not null check (instructions > 0),
        status text not null check (status in
          ('prepared', 'released', 'sending', 'taken', 'refused', 'discarded')),
        reason text, prepared_by text not null, prepared_at timestamptz(3) not null,
        released_by text, approved_by text, released_at timestamptz(3),
        attempts integer not null default 0, next_attempt_at timestamptz(3),
        check (released_by <> approved_by),
        check (status in ('prepared', 'discarded')
          or (released_by is not null and approved_by is not null and released_at is not null))
      );
      create index payout_file_due on payout_file (next_attempt_at)
        where next_attempt_at is not null;
      create index payout_file_prepared on payout_file (prepared_at, message_id);
      create table payout_instruction (
        instruction_id text primary key, message_id text not null references payout_file,
        institution_id text not null, amount_fen bigint not null check (amount_fen > 0),
        account_number integer not null,
        status text not null check (status in ('instructed', 'pending', 'accepted', 'paid',
          'rejected', 'returned', 'discarded')),
        reason text, bank_reference text, value_date date, changed_at timestamptz(3) not null,
        check ((status in ('paid', 'returned')) = (bank_reference is not null))
      );
      create index payout_instruction_file on payout_instruction (message_id);
      create index payout_instruction_institution on payout_instruction (institution_id);
      create index payout_instruction_out on payout_instruction (changed_at)
        where status in ('instructed', 'pending', 'accepted');
      create table bank_report (
        report_id text primary key, kind text not null, number integer not null unique,
        entries integer not null, refused text, read_at timestamptz(3) not null
      );
      create table bank_entry (
        entry_id text primary key, report_id text not null, reference text not null,
        institution_id text, amount_fen bigint, value_date date, end_to_end_id text,
        meaning text not null check (meaning in
          ('paid', 'returned', 'remitted', 'direct', 'unmatched')),
        reason text, read_at timestamptz(3) not null
      );
      create index bank_entry_report on bank_entry (report_id);
      alter table payment_case drop constraint payment_case_kind_check,
        add constraint payment_case_kind_check
          check (kind ~ '^[a-z][a-z-]{2,39}$');
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      delete from payment_case where kind in ('payout', 'bank-entry');
      alter table payment_case drop constraint payment_case_kind_check,
        add constraint payment_case_kind_check check (kind in (${KINDS}));
      drop table bank_entry;
      drop table bank_report;
      drop table payout_instruction;
      drop table payout_file;
      drop table hospital_account;
      drop table clearing_flow;
    `);
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** Lines, holds and the entries that record their history. */
export class Credit1700000000001 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table subject (person_id text primary key, minor boolean not null, guardian_id text);
      create table score (person_id text primary key, score integer not null check (score between
      0 and 1000), scored_at timestamptz(3) not null);
      create table account (
        account_person_id text primary key, status text not null, score integer not null, policy_id text not null,
        line_fen bigint not null check (line_fen >= 0), held_fen bigint not null check (held_fen
        >= 0), outstanding_fen bigint not null check (outstanding_fen >= 0),
        frozen_reason text, opened_at timestamptz(3) not null, closed_at timestamptz(3), entry_count bigint not null
      );
      create table enrolment (
        person_id text primary key, account_person_id text not null references account, status
        text not null, opened_at timestamptz(3) not null, closed_at timestamptz(3)
      );
      create index enrolment_account on enrolment (account_person_id);
      create table hold (
        visit_id text primary key, person_id text not null, account_person_id text not null,
        visit_class text not null, status text not null, declined_reason text,
        held_fen bigint not null check (held_fen >= 0), revision integer not null, due_fen bigint
        not null, outstanding_fen bigint not null check (outstanding_fen >= 0),
        paid_fen bigint not null, over_line_fen bigint not null, expires_at timestamptz(3),
        expired_at timestamptz(3), missed_at timestamptz(3)
      );
      create index hold_account on hold (account_person_id, status);
      create index hold_person on hold (person_id, status);
      create index hold_expiry on hold (expires_at) where status = 'held' and expired_at is null;
      create table entry (
        account_person_id text not null references account, sequence bigint not null, kind text not null, visit_id text,
        held_fen bigint not null, outstanding_fen bigint not null, held_after_fen bigint not
        null, outstanding_after_fen bigint not null, line_fen bigint not null,
        note text, cause_id text not null, recorded_at timestamptz(3) not null,
        primary key (account_person_id, sequence)
      );
      create function refuse_entry_change() returns trigger language plpgsql as $$ begin raise
      exception 'entries are only ever added'; end $$;
      create trigger entry_is_append_only before update or delete or truncate on entry for each
      statement execute function refuse_entry_change();
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(
      'drop table entry, hold, enrolment, account, score, subject; drop function refuse_entry_change()',
    );
  }
}

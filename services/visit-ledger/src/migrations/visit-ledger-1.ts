import type { Migration, MigrationRunner } from '@caretab/store';

/** The views and the readers' checkpoints. The events have a schema of their own. */
export class VisitLedger1700000000001 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table checkpoint (name text primary key, position text not null);
      insert into checkpoint (name, position) values ('views', '0'), ('publication', '0');
      create table visit (
        visit_id text primary key, institution_id text not null, person_id text,
        account_person_id text, business_date text not null, status text not null,
        visit_class text, department text, started_at text, closed_at text, settled_at text,
        revision integer not null, held_fen bigint not null,
        charges_deferred integer not null, charges_waiting integer not null, charges_not_deferred
        integer not null, charges_reversed integer not null, conflicts integer not null,
        gross_fen bigint not null, not_deferred_fen bigint not null, patient_estimate_fen bigint
        not null, patient_due_fen bigint, paid_fen bigint not null, refunded_fen bigint not null,
        payers jsonb not null, missed_reason text
      );
      create table person_visit (
        visit_id text primary key, person_id text not null, institution_id text not null,
        started_at text not null, status text not null,
        gross_fen bigint not null, patient_due_fen bigint not null, owed_fen bigint not null
      );
      create index person_visit_person on person_visit (person_id, started_at desc);
      create table institution_day (
        day_id text primary key, institution_id text not null, business_date text not null,
        opened integer not null, cancelled integer not null, closed integer not null,
        adjudicated integer not null, settled integer not null, deferred_count integer not null,
        deferred_fen bigint not null, reversed_count integer not null, reversed_fen bigint not
        null,
        conflicts integer not null, not_deferred jsonb not null, adjudicated_gross_fen bigint not
        null, payers jsonb not null, patient_due_fen bigint not null,
        paid_fen bigint not null, payments integer not null, refunded_fen bigint not null, refunds integer not null
      );
      create table account_balance (account text primary key, debit_fen bigint not null, credit_fen bigint not null);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(
      'drop table account_balance, institution_day, person_visit, visit, checkpoint',
    );
  }
}

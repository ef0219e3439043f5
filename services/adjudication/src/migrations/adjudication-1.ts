import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Memberships, levels, coverage, accumulators and claims. Every amount is whole fen and never
 * negative.
 */
export class Adjudication1700000000001 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table member (person_id text primary key, content_hash text not null, changed_at timestamptz(3) not null);

      create table membership (
        person_id text not null, plan_id text not null, member_from date not null, member_to
        date, psn_type text not null,
        primary key (person_id, plan_id, member_from),
        check (member_to is null or member_from <= member_to)
      );

      create table personal_account (
        person_id text not null, plan_id text not null,
        credited_fen bigint not null check (credited_fen >= 0), used_fen bigint not null check (used_fen >= 0),
        primary key (person_id, plan_id)
      );

      create table institution_level (institution_id text primary key, level text not null check
      (level in ('level-3', 'level-2', 'community')));

      create table coverage (
        visit_id text primary key, person_id text not null, institution_id text not null, care_date date not null,
        entitlements jsonb not null, snapshot jsonb not null, determined_at timestamptz(3) not null
      );

      create table accumulator (
        person_id text not null, plan_id text not null, year integer not null, benefit text not
        null check (benefit in ('outpatient', 'inpatient')),
        deductible_used_fen bigint not null check (deductible_used_fen >= 0),
        in_scope_used_fen bigint not null check (in_scope_used_fen >= 0),
        fund_used_fen bigint not null check (fund_used_fen >= 0),
        primary key (person_id, plan_id, year, benefit)
      );

      create table claim (
        visit_id text not null references coverage (visit_id), revision integer not null check (revision >= 1),
        claim_id text not null, person_id text not null, institution_id text not null, content_hash text not null,
        coverage jsonb not null, totals jsonb not null, payers jsonb not null, steps jsonb not null,
        patient_due_fen bigint not null check (patient_due_fen >= 0), effects jsonb not null,
        adjudicated_at timestamptz(3) not null,
        primary key (visit_id, revision)
      );

      create table claim_line (
        visit_id text not null, revision integer not null, place integer not null,
        charge_id text not null, item_code text not null, category text not null, amount_fen bigint not null,
        own_expense_fen bigint not null, over_limit_fen bigint not null, first_self_pay_fen
        bigint not null, in_scope_fen bigint not null,
        payers_fen bigint not null, patient_fen bigint not null, reasons jsonb not null,
        primary key (visit_id, revision, place),
        foreign key (visit_id, revision) references claim (visit_id, revision),
        check (amount_fen = own_expense_fen + over_limit_fen + first_self_pay_fen + in_scope_fen),
        check (amount_fen = payers_fen + patient_fen)
      );
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(
      'drop table claim_line, claim, accumulator, coverage, institution_level, personal_account, membership, member',
    );
  }
}

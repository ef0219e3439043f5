import type { Migration, MigrationRunner } from '@caretab/store';

/** What checks found in claims, and each step of its review. */
export class Adjudication1700000000027 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create index claim_settled on claim (adjudicated_at, visit_id, revision);
      create table check_place (
        name text primary key, adjudicated_at timestamptz(3), visit_id text, revision integer
      );
      create table claim_flag (
        flag_id text primary key, rule_id text not null, kind text not null,
        rules_version text not null, payer_id text not null, institution_id text not null,
        visit_id text not null, claim_id text not null,
        revision integer not null check (revision > 0),
        evidence jsonb not null, at_stake_fen bigint not null check (at_stake_fen > 0),
        raised_at timestamptz(3) not null,
        state text not null check (state in ('open', 'taken', 'cleared', 'confirmed')),
        owner text, reason text, amount_fen bigint,
        check ((state = 'open') = (owner is null)),
        check ((state = 'confirmed') = (reason is not null)),
        check ((state = 'confirmed') = (amount_fen is not null)),
        check (amount_fen > 0)
      );
      create index claim_flag_payer on claim_flag (payer_id, raised_at, flag_id);
      create index claim_flag_open on claim_flag (raised_at) where state in ('open', 'taken');
      create table review_step (
        flag_id text not null, number integer not null check (number > 0),
        what text not null check (what in ('taken', 'cleared', 'confirmed')),
        by text not null, approved_by text, at timestamptz(3) not null,
        reason text, amount_fen bigint, evidence text, note text,
        primary key (flag_id, number), check (approved_by is null or approved_by <> by)
      );
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop table review_step;
      drop table claim_flag;
      drop table check_place;
      drop index claim_settled;
    `);
  }
}

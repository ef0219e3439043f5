import type { Migration, MigrationRunner } from '@caretab/store';

/** What insurers answer to settlements, hospitals reply, and is deducted. */
export class Adjudication1700000000024 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table settlement_standing (
        settlement_id text primary key,
        payer_id text not null, plan_id text not null,
        claim_id text not null, visit_id text not null, institution_id text not null,
        revision integer not null check (revision > 0),
        settled_at timestamptz(3) not null,
        state text not null,
        posted_fen bigint not null check (posted_fen >= 0),
        deducted_fen bigint not null check (deducted_fen between 0 and posted_fen),
        remitted_fen bigint not null check (remitted_fen >= 0),
        answers integer not null, answered_at timestamptz(3),
        check (state = 'cancelled' or deducted_fen + remitted_fen <= posted_fen)
      );
      create index settlement_standing_payer
        on settlement_standing (payer_id, state, settlement_id);
      create index settlement_standing_institution
        on settlement_standing (institution_id, state, settlement_id);
      create index settlement_standing_waiting on settlement_standing (state, settled_at)
        where state in ('submitted', 'queried', 'replied');
      create table settlement_answer (
        settlement_id text not null references settlement_standing,
        by_side text not null, answer_id text not null, place integer not null,
        answer jsonb not null, content_hash text not null,
        given_by text not null, given_at timestamptz(3) not null,
        primary key (settlement_id, by_side, answer_id)
      );
      create table deduction (
        deduction_id text primary key,
        settlement_id text not null references settlement_standing,
        payer_id text not null, plan_id text not null, institution_id text not null,
        visit_id text not null, revision integer not null,
        charge_id text, amount_fen bigint not null check (amount_fen > 0),
        reason text not null, business_date date not null, ended_at timestamptz(3)
      );
      create index deduction_settlement on deduction (settlement_id) where ended_at is null;
      create index deduction_institution on deduction (institution_id, business_date);
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table deduction, settlement_answer, settlement_standing;');
  }
}

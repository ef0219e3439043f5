import type { Migration, MigrationRunner } from '@caretab/store';

/** What persons used of plans outside of the platform. */
export class Adjudication1700000000018 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table outside_use (
        person_id text not null, plan_id text not null, year integer not null,
        benefit text not null check (benefit in ('outpatient', 'inpatient')),
        source text not null, revision integer not null check (revision > 0),
        deductible_fen bigint not null check (deductible_fen >= 0),
        in_scope_fen bigint not null check (in_scope_fen >= deductible_fen + fund_fen),
        fund_fen bigint not null check (fund_fen >= 0),
        reference text not null, recorded_by text not null,
        recorded_at timestamptz(3) not null,
        primary key (person_id, plan_id, year, benefit, source, revision)
      );
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table outside_use;');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** Claims are compared with the ledger's verdicts by the day of the visit's end. */
export class Adjudication1700000000002 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table difference (
        neighbour text not null, day date not null, visit_id text not null, ours jsonb, theirs jsonb,
        is_held boolean not null, first_seen_at timestamptz(3) not null, last_seen_at timestamptz(3) not null,
        primary key (neighbour, day, visit_id)
      );
      create index difference_held on difference (visit_id) where is_held;
      alter table coverage add column closed_date date;
      create index coverage_day on coverage (closed_date, visit_id) where closed_date is not null;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop index coverage_day;
      alter table coverage drop column closed_date;
      drop table difference;
    `);
  }
}

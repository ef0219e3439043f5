import type { Migration, MigrationRunner } from '@caretab/store';

/** Shadow runs of documents; claim lines are kept whole, so that they can be settled once more. */
export class Adjudication1700000000012 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table shadow_run (
        version text primary key references plan_document (version),
        from_day text not null, to_day text not null, day text not null, after_visit text,
        state text not null check (state in ('running', 'ended')),
        tally jsonb not null, visits integer not null,
        began_by text not null, began_at timestamptz(3) not null, ended_at timestamptz(3)
      );
      create index shadow_run_running on shadow_run (version) where state = 'running';
      alter table claim_line add column quantity text, add column occurred_at text;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table claim_line drop column quantity, drop column occurred_at;
      drop table shadow_run;
    `);
  }
}

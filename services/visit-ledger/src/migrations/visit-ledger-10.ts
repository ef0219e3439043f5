import type { Migration, MigrationRunner } from '@caretab/store';

/** Streams that hold what we did not write; checkpoints that prove their place. */
export class VisitLedger1700000000010 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table set_aside (
        stream text primary key, visit_id text not null, store text not null, kind text not null,
        revision integer not null, position text not null, digest text not null,
        found_at timestamptz not null, institution_id text, person_id text, viewed_to text,
        continued_in text)`);
    await runner.query(
      'alter table checkpoint add column event_id text, add column before_it text',
    );
    await runner.query('create index set_aside_visit on set_aside (visit_id)');
    await runner.query('create index set_aside_found on set_aside (found_at)');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table set_aside');
    await runner.query('alter table checkpoint drop column event_id, drop column before_it');
  }
}

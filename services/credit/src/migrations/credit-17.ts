import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Questions to the credit platform, and who agreed to them. Of who was enrolled before, no consent to
 * the query is on record: the platform goes on pushing.
 */
export class Credit1700000000017 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table subject add column score_consent boolean not null default false;
      create table score_query (
        person_id text primary key, query_id text not null,
        why text not null check (why in ('enrolment', 'expiring')),
        asked_since timestamptz(3) not null, attempts integer not null,
        next_attempt_at timestamptz(3), lease integer not null, outcome text,
        answered_at timestamptz(3)
      );
      create index score_query_due on score_query (next_attempt_at) where next_attempt_at is not null;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop table score_query;
      alter table subject drop column score_consent;
    `);
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** Appeals against scores; one that overrides a score has two persons. */
export class Credit1700000000013 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table score_appeal (
        appeal_id text primary key, person_id text not null, score integer not null,
        scored_at timestamptz(3) not null, ground text not null,
        status text not null check (status in ('open', 'decided')),
        opened_by text not null, opened_at timestamptz(3) not null, owner text,
        outcome text, new_score integer, why text, decided_by text, approved_by text,
        decided_at timestamptz(3),
        check ((status = 'decided') = (outcome is not null and decided_by is not null)),
        check (outcome is distinct from 'overridden' or
          (approved_by is not null and approved_by <> decided_by))
      );
      create index score_appeal_person on score_appeal (person_id, opened_at);
      create index score_appeal_open on score_appeal (opened_at, appeal_id) where status = 'open';
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table score_appeal');
  }
}

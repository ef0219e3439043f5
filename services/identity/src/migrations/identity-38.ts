import type { Migration, MigrationRunner } from '@caretab/store';

/** Merges of registered persons, and tokens that were given by one. */
export class Identity1700000000038 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table person add column merged_into text;
      create index person_merged on person (merged_into) where merged_into is not null;
      alter table identifier add column survivor_id text;
      create table person_merge (
        merge_id text primary key, person_id text not null, survivor_id text not null,
        revision integer not null check (revision > 0),
        evidence_kind text not null, evidence_reference text not null,
        why text not null, merged_by text not null, approved_by text not null,
        merged_at timestamptz(3) not null,
        undone_at timestamptz(3), undone_by text, undone_why text,
        check (person_id <> survivor_id), check (merged_by <> approved_by)
      );
      create unique index person_merge_in_force on person_merge (person_id)
        where undone_at is null;
      create index person_merge_person on person_merge (person_id, revision);
      create index person_merge_survivor on person_merge (survivor_id, merged_at);
      create table merged_token (
        subject_id text not null, person_id text not null, primary key (subject_id, person_id)
      );
      create index merged_token_person on merged_token (person_id);
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop table merged_token;
      drop table person_merge;
      alter table identifier drop column survivor_id;
      alter table person drop column merged_into;
    `);
  }
}

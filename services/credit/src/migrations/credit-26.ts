import type { Migration, MigrationRunner } from '@caretab/store';

/** Persons who are merged, and whose a line, a hold and a due are while they are. */
export class Credit1700000000026 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table account add column merged_into text;
      alter table enrolment add column merged_person_id text;
      alter table hold add column merged_person_id text;
      alter table arrears add column merged_person_id text;
      create table person_merge (
        person_id text primary key, survivor_id text not null, merge_id text not null,
        revision integer not null, merged boolean not null,
        status_before text check (status_before in ('open', 'closed')),
        froze_survivor boolean not null, check (person_id <> survivor_id)
      );
      create index person_merge_survivor on person_merge (survivor_id) where merged;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop table person_merge;
      alter table arrears drop column merged_person_id;
      alter table hold drop column merged_person_id;
      alter table enrolment drop column merged_person_id;
      alter table account drop column merged_into;
    `);
  }
}

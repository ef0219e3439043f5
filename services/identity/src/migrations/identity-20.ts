import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * The master index: records of source systems, keyed hashes by which candidates are found, links and
 * cases. A person whom records alone know has a key and no registration.
 */
export class Identity1700000000020 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table person drop constraint person_check;
      alter table person add constraint person_check check (sealed is null or destroyed_at is null);
      alter table person add column indexed_at timestamptz(3);
      create index person_unindexed on person (person_id) where indexed_at is null;
      create table source_record (
        identifier_index text primary key,
        record_id text not null unique,
        domain text not null,
        person_id text not null references person deferrable initially deferred,
        sealed bytea not null,
        linked_by text not null check (linked_by in ('none', 'rule', 'review')),
        recorded_at timestamptz(3),
        received_at timestamptz(3) not null,
        changed_at timestamptz(3) not null,
        matched_at timestamptz(3)
      );
      create index source_record_person on source_record (person_id);
      create index source_record_unmatched on source_record (record_id) where matched_at is null;
      create table match_key (
        key_hash text not null,
        holder_id text not null,
        person_id text not null references person deferrable initially deferred,
        primary key (key_hash, holder_id)
      );
      create index match_key_holder on match_key (holder_id);
      create index match_key_person on match_key (person_id);
      create table record_link (
        link_id text not null,
        record_id text not null,
        from_person_id text not null references person deferrable initially deferred,
        to_person_id text not null references person deferrable initially deferred,
        by_rule text not null,
        why text,
        linked_by text,
        approved_by text,
        linked_at timestamptz(3) not null,
        undone_at timestamptz(3),
        undone_by text,
        undone_why text,
        primary key (link_id, record_id),
        check (by_rule <> 'review' or (why is not null and linked_by <> approved_by))
      );
      create index record_link_record on record_link (record_id, linked_at);
      create index record_link_from on record_link (from_person_id);
      create index record_link_to on record_link (to_person_id);
      create table match_case (
        case_id text primary key,
        record_id text not null,
        person_id text not null references person deferrable initially deferred,
        status text not null check (status in ('open', 'same', 'different', 'overtaken')),
        centibits integer not null,
        likely boolean not null,
        evidence jsonb not null,
        opened_at timestamptz(3) not null,
        decided_at timestamptz(3),
        decided_by text,
        approved_by text,
        why text,
        unique (record_id, person_id)
      );
      create index match_case_person on match_case (person_id);
      create index match_case_open on match_case (opened_at, case_id) where status = 'open';
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop table match_case, record_link, match_key, source_record;
      delete from person_key using person
        where person.person_id = person_key.person_id and sealed is null and destroyed_at is null;
      delete from erasure using person
        where person.person_id = erasure.person_id and sealed is null and destroyed_at is null;
      delete from person where sealed is null and destroyed_at is null;
      alter table person drop column indexed_at;
      alter table person drop constraint person_check;
      alter table person add constraint person_check
        check ((sealed is null) = (destroyed_at is not null));
    `);
  }
}

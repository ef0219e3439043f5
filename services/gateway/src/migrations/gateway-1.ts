import type { Migration, MigrationRunner } from '@caretab/store';

/** What hospitals sent and what became of it. */
export class Gateway1700000000001 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table intake (
        institution_id text not null,
        door text not null check (door in ('mllp', 'http')),
        message_id text not null,
        content_hash text not null,
        visit_id text not null,
        person_id text,
        events jsonb not null,
        sealed bytea,
        forgotten boolean not null default false,
        received_at timestamptz(3) not null,
        primary key (institution_id, door, message_id)
      );
      create index intake_person on intake (person_id) where not forgotten;
      create index intake_received on intake (received_at) where not forgotten;
      create table accepted_event (
        id text primary key,
        door text not null,
        type text not null,
        visit_id text not null,
        person_id text,
        accepted_at timestamptz(3) not null
      );
      create index accepted_event_visit on accepted_event (visit_id, type);
      create index accepted_event_type on accepted_event (door, type);
      create table quarantine (
        id text primary key,
        institution_id text,
        door text not null check (door in ('mllp', 'http')),
        reason text not null,
        faults jsonb not null,
        sealed bytea,
        forgotten boolean not null default false,
        received_at timestamptz(3) not null,
        last_seen_at timestamptz(3) not null,
        times_seen integer not null check (times_seen > 0),
        status text not null check (status in ('open', 'replayed', 'discarded')),
        why text,
        closed_at timestamptz(3)
      );
      create index quarantine_seen on quarantine (last_seen_at) where not forgotten;
      create index quarantine_status on quarantine (status, received_at);
      create table refusal (
        door text not null,
        reason text not null,
        count integer not null,
        primary key (door, reason)
      );
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(
      'drop table refusal; drop table quarantine; drop table accepted_event; drop table intake;',
    );
  }
}

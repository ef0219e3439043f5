import type { Migration, MigrationRunner } from '@caretab/store';

/** Persons without a readable datum, the keys that make them readable, and institutions. */
export class Identity1700000000001 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table person (
        person_id text primary key,
        sealed bytea,
        registered_at timestamptz(3) not null,
        destroyed_at timestamptz(3),
        check ((sealed is null) = (destroyed_at is not null))
      );
      create table person_key (person_id text primary key references person, wrapped bytea not null);
      create table identifier (blind_index text primary key, type text not null, person_id text
      not null references person deferrable initially deferred);
      create index identifier_person on identifier (person_id);
      create table guardianship (
        person_id text primary key references person,
        guardian_id text not null references person,
        relation text not null,
        appointed_at timestamptz(3) not null,
        check (person_id <> guardian_id)
      );
      create table institution (
        institution_id text primary key,
        name text not null,
        level text not null,
        webhook_url text,
        facility text unique,
        api_key_hash text not null unique,
        registered_at timestamptz(3) not null
      );
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop table institution, guardianship, identifier, person_key, person');
  }
}

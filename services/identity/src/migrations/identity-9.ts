import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Up to two keys of an institution at a time, each with scopes and an end. Processes of the release
 * before read the one of the institution's row until they are replaced, so its column stays.
 */
export class Identity1700000000009 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table institution_key (
        key_id text primary key,
        institution_id text not null references institution,
        key_hash text not null unique,
        prefix text,
        scopes jsonb not null,
        made_at timestamptz(3) not null,
        ends_at timestamptz(3) not null,
        ended_at timestamptz(3),
        used_at timestamptz(3)
      );
      create index institution_key_institution on institution_key (institution_id);
      create index institution_key_end on institution_key (ends_at) where ended_at is null;
      create index institution_key_ended on institution_key (ended_at) where ended_at is not null;
      insert into institution_key
        select 'key-of-' || institution_id, institution_id, api_key_hash, null,
          '["report", "resolve", "read", "webhooks"]', registered_at,
          now() + interval '365 days', null, null
        from institution;
      alter table institution alter column api_key_hash drop not null;
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      update institution set api_key_hash = (
        select key_hash from institution_key
        where institution_key.institution_id = institution.institution_id
        order by ended_at nulls first, made_at desc limit 1
      );
      alter table institution alter column api_key_hash set not null;
      drop table institution_key;
    `);
  }
}

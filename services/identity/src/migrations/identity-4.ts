import type { Migration, MigrationRunner } from '@caretab/store';

/** Staff and machines that sign in, and the keys that sign their tokens. */
export class Identity1700000000004 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table subject (
        subject_id text primary key,
        roles jsonb not null,
        created_at timestamptz(3) not null,
        removed_at timestamptz(3),
        void_before timestamptz(3),
        password_hash text,
        totp bytea,
        totp_step integer not null,
        failures integer not null,
        locked_until timestamptz(3)
      );
      create index subject_void on subject (void_before) where void_before is not null;
      create table credential (
        credential_id text primary key,
        subject_id text not null references subject,
        kind text not null check (kind in ('public-key', 'session')),
        public_jwk jsonb,
        amr jsonb not null,
        made_at timestamptz(3) not null,
        ends_at timestamptz(3),
        used_at timestamptz(3)
      );
      create index credential_subject on credential (subject_id);
      create index credential_end on credential (ends_at) where ends_at is not null;
      create table signing_key (
        kid text primary key,
        sealed bytea not null,
        made_at timestamptz(3) not null,
        signs_from timestamptz(3) not null,
        published_until timestamptz(3),
        leaked_at timestamptz(3)
      );
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop table signing_key, credential, subject;');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** Activations: one under way of each person, and how a mobile number is proven. */
export class Identity1700000000010 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table activation (
        activation_id text primary key,
        person_id text not null references person,
        holder_id text not null references person,
        purpose text not null,
        channel text not null check (channel in ('app', 'kiosk', 'window', 'desk')),
        institution_id text,
        operator text not null,
        status text not null,
        reason text,
        attempt integer not null,
        sealed_mobile bytea,
        request_id text not null unique,
        registry text check (registry in ('same', 'differs', 'unknown')),
        retries integer not null,
        code_hash text,
        code_ends_at timestamptz(3),
        codes_sent integer not null,
        code_tries integer not null,
        proven_at timestamptz(3),
        seen_by text,
        approved_by text check (approved_by <> seen_by),
        begun_at timestamptz(3) not null,
        changed_at timestamptz(3) not null,
        ended_at timestamptz(3),
        next_attempt_at timestamptz(3),
        lease integer not null
      );
      create unique index activation_under_way on activation (person_id) where ended_at is null;
      create index activation_status on activation (status, changed_at, activation_id);
      create index activation_due on activation (next_attempt_at) where next_attempt_at is not null;
      create index activation_holder on activation (holder_id);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop table activation;');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** Keys by which citizens sign consents, and the signatures: evidence that is only ever added. */
export class Identity1700000000041 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table consent_key (
        public_key text primary key,
        key_id text not null unique,
        person_id text not null,
        algorithm text not null check (algorithm in ('Ed25519', 'SM2')),
        registered_at timestamptz(3) not null,
        revoked_at timestamptz(3)
      );
      create index consent_key_person on consent_key (person_id, registered_at);
      create table consent_signature (
        consent_id text primary key references consent,
        person_id text not null,
        key_id text not null,
        statement text not null unique,
        value text not null
      );
      create index consent_signature_person on consent_signature (person_id);
      create trigger consent_signature_is_append_only
        before update or delete or truncate on consent_signature
        for each statement execute function refuse_consent_change();
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table consent_signature, consent_key');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** Activations of the service: insured, agreed to, opened. Consents are evidence: only ever added. */
export class Identity1700000000011 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table activation
        add column insurance text check (insurance in ('insured', 'seen')),
        add column line_fen bigint;
      create table consent (
        consent_id text primary key,
        person_id text not null,
        by_person_id text not null,
        purpose text not null,
        given boolean not null,
        version text not null,
        language text not null,
        hash text not null,
        channel text not null,
        institution_id text,
        operator text not null,
        evidence text not null,
        at timestamptz(3) not null
      );
      create index consent_person on consent (person_id, at);
      create function refuse_consent_change() returns trigger language plpgsql as $$ begin raise
      exception 'consents are only ever added'; end $$;
      create trigger consent_is_append_only before update or delete or truncate on consent for each
      statement execute function refuse_consent_change();
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop table consent;
      drop function refuse_consent_change();
      alter table activation drop column insurance, drop column line_fen;
    `);
  }
}

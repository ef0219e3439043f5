import type { Migration, MigrationRunner } from '@caretab/store';

/** Codes of our own: the card in the application, dynamic codes that were issued, second factors. */
export class Identity1700000000026 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table card drop constraint card_mode_check;
      alter table card add constraint card_mode_check
        check (mode in ('registration', 'bank-counter', 'kiosk', 'batch', 'application'));
      create unique index card_application on card (person_id)
        where mode = 'application' and status in ('issued', 'active', 'lost', 'frozen');
      create table issued_code (
        nonce_hash text primary key,
        card_id text not null,
        person_id text not null,
        issued_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        used_at timestamptz(3),
        used_by text,
        used_for text,
        check ((used_at is null) = (used_by is null))
      );
      create index issued_code_person on issued_code (person_id, expires_at);
      create index issued_code_age on issued_code (issued_at);
      create table code_tries (
        card_id text primary key,
        wrong integer not null,
        since timestamptz(3) not null
      );
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop table code_tries, issued_code;
      drop index card_application;
      delete from card where mode = 'application';
      alter table card drop constraint card_mode_check;
      alter table card add constraint card_mode_check
        check (mode in ('registration', 'bank-counter', 'kiosk', 'batch'));
    `);
  }
}

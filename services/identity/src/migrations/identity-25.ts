import type { Migration, MigrationRunner } from '@caretab/store';

/** Cards and their lists. What was attached at a registration before is a card that is active. */
export class Identity1700000000025 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table card (
        card_id text primary key,
        person_id text not null references person deferrable initially deferred,
        medium text not null check (medium in ('physical', 'electronic', 'code')),
        child boolean not null,
        blind_index text not null unique,
        number_hash text,
        sealed bytea,
        status text not null
          check (status in ('issued', 'active', 'lost', 'frozen', 'replaced', 'closed')),
        mode text not null check (mode in ('registration', 'bank-counter', 'kiosk', 'batch')),
        institution_id text,
        batch_id text,
        replaced_by text,
        issued_at timestamptz(3) not null,
        changed_at timestamptz(3) not null,
        review_on date,
        check (child = (review_on is not null)),
        check (replaced_by is null or status = 'replaced')
      );
      create index card_person on card (person_id);
      create index card_review on card (review_on, card_id)
        where review_on is not null and status in ('active', 'lost', 'frozen');
      create table card_change (
        change_id text primary key,
        card_id text not null,
        change text not null,
        status text not null,
        by text not null,
        why text,
        approved_by text,
        at timestamptz(3) not null
      );
      create index card_change_card on card_change (card_id, at);
      create table card_list (
        number_hash text primary key,
        list text not null check (list in ('white', 'black')),
        why text not null,
        at timestamptz(3) not null,
        sequence bigint unique
      );
      create index card_list_unnumbered on card_list (at) where sequence is null;
      create table card_list_end (name text primary key, sequence bigint not null);
      insert into card_list_end (name, sequence) values ('cards', 0);
      create table card_batch (
        batch_id text primary key,
        status text not null check (status in ('submitted', 'approved', 'returned', 'produced')),
        medium text not null,
        child boolean not null,
        cards integer not null,
        submitted_by text not null,
        submitted_at timestamptz(3) not null,
        reviewed_by text,
        reviewed_at timestamptz(3),
        why text,
        production_batch text unique,
        produced_at timestamptz(3),
        check (submitted_by <> reviewed_by),
        check ((status in ('approved', 'produced')) = (production_batch is not null))
      );
      create index card_batch_status on card_batch (status, submitted_at, batch_id);
      create table card_batch_person (
        batch_id text not null references card_batch,
        person_id text not null,
        primary key (batch_id, person_id)
      );
      create index card_batch_person_person on card_batch_person (person_id);
      insert into card (card_id, person_id, medium, child, blind_index, status, mode, issued_at,
          changed_at)
        select 'card-' || md5(blind_index), identifier.person_id,
          case type when 'qr' then 'code' else 'physical' end, false, blind_index, 'active',
          'registration', registered_at, registered_at
        from identifier join person on person.person_id = identifier.person_id
        where type in ('health-card', 'qr');
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(
      'drop table card_batch_person, card_batch, card_list_end, card_list, card_change, card',
    );
  }
}

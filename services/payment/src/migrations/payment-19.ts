import type { Migration, MigrationRunner } from '@caretab/store';

/** Dues that are written off, by two persons, and what of them comes back. */
export class Payment1750000018000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table collection add column written_off_fen bigint not null default 0
        check (written_off_fen >= 0),
        drop constraint collection_status_check,
        add constraint collection_status_check check (status in ('due', 'sending', 'unresolved',
          'paid', 'declined', 'refund-owed', 'awaiting-confirmation', 'disputed', 'written-off'));
      create table write_off (
        movement_id text primary key, visit_id text not null,
        kind text not null check (kind in ('written-off', 'recovered', 'revised')),
        amount_fen bigint not null check (amount_fen > 0),
        reason text, evidence text, declared_by text, approved_by text, order_id text,
        at timestamptz(3) not null, booked_on date not null,
        check (kind <> 'written-off' or (reason is not null and evidence is not null
          and declared_by is not null and approved_by is not null and declared_by <> approved_by)),
        check ((kind = 'recovered') = (order_id is not null))
      );
      create index write_off_at on write_off (at, movement_id);
      create index write_off_visit on write_off (visit_id, at);
      create function refuse_write_off_change() returns trigger language plpgsql as $$ begin raise
        exception 'write-offs are only ever added'; end $$;
      create trigger write_off_is_append_only before update or delete or truncate on write_off
        for each statement execute function refuse_write_off_change();
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop table write_off;
      drop function refuse_write_off_change();
      update collection set status = 'declined' where status = 'written-off';
      alter table collection drop constraint collection_status_check,
        add constraint collection_status_check check (status in ('due', 'sending', 'unresolved',
          'paid', 'declined', 'refund-owed', 'awaiting-confirmation', 'disputed')),
        drop column written_off_fen;
    `);
  }
}

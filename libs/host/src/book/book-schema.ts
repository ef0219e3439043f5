import type { MigrationRunner } from '@caretab/store';

/**
 * Makes a book of a table of entries. Released migrations run it: it is never changed.
 *
 * Who inserts locks the table before a number is drawn, and unlocks it after the commit is seen.
 */
export const createBook = async (runner: MigrationRunner, entries: string): Promise<void> => {
  await runner.query(`
    alter table ${entries} add column number bigint generated always as identity;
    create unique index ${entries}_number on ${entries} (number);
    create table book_entry (
      position bigint primary key check (position > 0),
      number bigint not null unique,
      key text not null,
      hash text not null
    );
    create function book_only_grows() returns trigger language plpgsql as $$
    begin
      raise exception 'booked entries stay as they are: % refused', tg_op
        using errcode = 'insufficient_privilege';
    end $$;
    create trigger book_only_grows before update or delete or truncate on book_entry
      for each statement execute function book_only_grows();
    alter table book_entry enable always trigger book_only_grows;
    create view book_writer as
      select virtualtransaction as writer from pg_locks
      where database = (select oid from pg_database where datname = current_database())
        and relation = '${entries}'::regclass and mode = 'RowExclusiveLock' and granted;
  `);
};

export const dropBook = async (runner: MigrationRunner, entries: string): Promise<void> => {
  await runner.query(`
    drop view book_writer;
    drop table book_entry;
    drop function book_only_grows();
    alter table ${entries} drop column number;
  `);
};

import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Each movement keeps the day of our books and whether the channel said its own. Movements of earlier
 * releases get the day on which the journal has them; reversals of theirs were not kept.
 */
export class Payment1750000006000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create function pg_temp.posted_on(of_reference text) returns date language sql stable as $$
        select (min(posted_at) at time zone 'Asia/Shanghai')::date from journal_entry
        where reference = of_reference
      $$;

      create table settlement (
        visit_id text not null, revision integer not null,
        kind text not null check (kind in ('settled', 'reversed')),
        gross_fen bigint not null, due_fen bigint not null, booked_on date not null,
        insurer_settled_at timestamptz(3), primary key (visit_id, revision, kind)
      );
      insert into settlement
        select visit_id, revision, 'settled', gross_fen, due_fen,
          coalesce(pg_temp.posted_on('verdict/' || visit_id || '/' || revision), closed_date), null
        from collection where revision > 0;

      alter table capture add column booked_on date;
      update capture set booked_on =
        coalesce(pg_temp.posted_on('capture/' || order_id), channel_date);
      alter table capture alter column booked_on set not null;
      alter table capture add column channel_date_given boolean not null default false;
      alter table refund add column channel_date_given boolean not null default false;
      alter table reconciliation add column in_transit integer not null default 0;

      alter table refund add column booked_on date;
      update refund set booked_on = coalesce(
          pg_temp.posted_on('refund/' || refund_id),
          (refunded_at at time zone 'Asia/Shanghai')::date
        ) where status = 'completed';

      alter table journal_entry add column booked_on date;

      alter table clearing_line add column booked_on date;
      update clearing_line set booked_on = (cleared_at at time zone 'Asia/Shanghai')::date
        from clearing where clearing.clearing_id = clearing_line.clearing_id;
      alter table clearing_line alter column booked_on set not null;

      alter table collection add column uncleared_since date;
      update collection set uncleared_since = least(closed_date, settlement.booked_on)
        from settlement
        where clearing = 'pending' and settlement.visit_id = collection.visit_id;
      drop index collection_to_clear;
      alter table collection drop column clearing;
      create index collection_to_clear on collection (uncleared_since)
        where uncleared_since is not null;

      drop function pg_temp.posted_on;
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop index collection_to_clear;
      alter table collection add column clearing text not null default 'done'
        check (clearing in ('pending', 'done'));
      update collection set clearing = 'pending' where uncleared_since is not null;
      alter table collection alter column clearing drop default;
      alter table collection drop column uncleared_since;
      create index collection_to_clear on collection (closed_date) where clearing = 'pending';
      alter table clearing_line drop column booked_on;
      alter table journal_entry drop column booked_on;
      alter table reconciliation drop column in_transit;
      alter table refund drop column booked_on, drop column channel_date_given;
      alter table capture drop column booked_on, drop column channel_date_given;
      drop table settlement;
    `);
  }
}

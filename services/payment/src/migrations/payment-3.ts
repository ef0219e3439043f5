import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Cases, orders that operators declared failed, and refunds that end. Refunds that were refused and
 * orders whose outcome was given up get an open case each: no operator saw them before.
 */
export class Payment1750000002000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table collection drop constraint collection_status_check;
      alter table collection add constraint collection_status_check check (status in
        ('due', 'sending', 'unresolved', 'paid', 'declined', 'refund-owed'));
      update collection set status = 'refund-owed' where status = 'paid' and refunding_fen > refunded_fen;

      alter table payment_order drop constraint payment_order_status_check;
      alter table payment_order add constraint payment_order_status_check check (status in
        ('sending', 'captured', 'declined', 'failed'));
      alter table payment_order add column inquiries integer not null default 0,
        add column next_attempt_at timestamptz(3), add column lease integer not null default 0;
      create index payment_order_next on payment_order (next_attempt_at) where next_attempt_at is not null;

      alter table refund drop constraint refund_status_check;
      alter table refund add constraint refund_status_check check (status in
        ('due', 'sending', 'completed', 'refused', 'void'));
      alter table refund add column way text not null default 'channel' check (way in
        ('channel', 'account', 'cash', 'transfer')),
        add column sealed_token text, add column refusals integer not null default 0;
      create index refund_open on refund (status) where status in ('due', 'sending', 'refused');
      create index collection_unresolved on collection (status) where status = 'unresolved';
    `);
    await this.cases(queryRunner);
  }

  private async cases(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table payment_case (
        case_id text primary key, kind text not null check (kind in ('order', 'refund')),
        subject_id text not null, visit_id text not null, amount_fen bigint not null, reason text not null,
        asked jsonb not null, answered jsonb, status text not null check (status in ('open', 'closed')),
        owner text not null, opened_at timestamptz(3) not null, times_seen integer not null,
        last_seen_at timestamptz(3) not null, closed_at timestamptz(3), resolution text,
        declared_by text, approved_by text, evidence text,
        check ((status = 'open') = (closed_at is null))
      );
      create index payment_case_subject on payment_case (subject_id, reason);
      create unique index payment_case_open on payment_case (subject_id, reason) where status = 'open';
      create index payment_case_list on payment_case (status, opened_at, case_id);
      create index payment_case_visit on payment_case (visit_id);

      insert into payment_case (case_id, kind, subject_id, visit_id, amount_fen, reason, asked, status,
        owner, opened_at, times_seen, last_seen_at)
      select 'case-' || refund_id, 'refund', refund_id, visit_id, amount_fen, coalesce(reason, 'REFUSED'),
        jsonb_build_object('refundId', refund_id, 'orderId', order_id, 'amountFen', amount_fen), 'open',
        'payment-desk', now(), 1, now()
      from refund where status = 'refused';

      insert into payment_case (case_id, kind, subject_id, visit_id, amount_fen, reason, asked, status,
        owner, opened_at, times_seen, last_seen_at)
      select 'case-' || o.order_id, 'order', o.order_id, o.visit_id, o.amount_fen, 'OUTCOME_UNKNOWN',
        jsonb_build_object('orderId', o.order_id, 'amountFen', o.amount_fen), 'open', 'payment-desk',
        now(), 1, now()
      from collection c join payment_order o on o.order_id = c.order_id where c.status = 'unresolved';
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop table payment_case;
      update refund set status = 'refused' where status = 'void';
      drop index refund_open, collection_unresolved;
      alter table refund drop constraint refund_status_check;
      alter table refund add constraint refund_status_check check (status in
        ('due', 'sending', 'completed', 'refused'));
      alter table refund drop column way, drop column sealed_token, drop column refusals;
      update payment_order set status = 'declined' where status = 'failed';
      drop index payment_order_next;
      alter table payment_order drop column inquiries, drop column next_attempt_at, drop column lease;
      alter table payment_order drop constraint payment_order_status_check;
      alter table payment_order add constraint payment_order_status_check check (status in
        ('sending', 'captured', 'declined'));
      update collection set status = 'paid' where status = 'refund-owed';
      alter table collection drop constraint collection_status_check;
      alter table collection add constraint collection_status_check check (status in
        ('due', 'sending', 'unresolved', 'paid', 'declined'));
    `);
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * How the person was present at the opening of the visit, and whether who pays confirmed it. What is
 * there was opened before anyone said so, and is collected.
 */
export class Payment1750000013000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table collection
        add column presence text check (presence in ('typed', 'face', 'code', 'card')),
        add column confirmation text check (confirmation in ('given', 'denied')),
        drop constraint collection_status_check,
        add constraint collection_status_check check (status in ('due', 'sending', 'unresolved',
          'paid', 'declined', 'refund-owed', 'awaiting-confirmation', 'disputed'));
      create index collection_unconfirmed on collection (closed_at, payment_id)
        where status in ('awaiting-confirmation', 'disputed');
      alter table payment_case drop constraint payment_case_kind_check,
        add constraint payment_case_kind_check
          check (kind in ('order', 'refund', 'statement-row', 'presence'));
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      delete from payment_case where kind = 'presence';
      alter table payment_case drop constraint payment_case_kind_check,
        add constraint payment_case_kind_check check (kind in ('order', 'refund', 'statement-row'));
      update collection set status = 'declined'
        where status in ('awaiting-confirmation', 'disputed');
      drop index collection_unconfirmed;
      alter table collection drop constraint collection_status_check,
        add constraint collection_status_check check (status in ('due', 'sending', 'unresolved',
          'paid', 'declined', 'refund-owed')),
        drop column presence, drop column confirmation;
    `);
  }
}

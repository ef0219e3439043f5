import type { Migration, MigrationRunner } from '@caretab/store';

const STATUSES = `'due', 'sending', 'unresolved', 'paid', 'declined', 'refund-owed',
  'awaiting-confirmation', 'disputed', 'written-off', 'lent'`;

/** Debits that rules hold for review. Which kinds of cases there are, the contract says alone. */
export class Payment1750000036000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table collection
        add column reviewed_fen bigint not null default 0 check (reviewed_fen >= 0),
        drop constraint collection_status_check,
        add constraint collection_status_check check (status in (${STATUSES}, 'in-review')),
        add constraint collection_review_check
          check (status <> 'in-review' or lender_party <> 'bank');
      alter table payment_case drop constraint payment_case_kind_check,
        add constraint payment_case_kind_check check (kind ~ '^[a-z][a-z-]{2,39}$');
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table collection
        drop constraint collection_review_check,
        drop constraint collection_status_check,
        add constraint collection_status_check check (status in (${STATUSES})),
        drop column reviewed_fen;
      alter table payment_case drop constraint payment_case_kind_check,
        add constraint payment_case_kind_check
        check (kind in ('order', 'refund', 'statement-row', 'presence'));
    `);
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** Money at the counters of hospitals: shifts, receipts, and captures that no channel made. */
export class Payment1750000037000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table capture add column way text not null default 'channel'
        check (way in ('channel', 'counter'));
      create table counter_shift (
        institution_id text not null, shift_id text not null, cashier_id text not null,
        opened_at timestamptz(3) not null, closed_at timestamptz(3),
        counted_fen bigint check (counted_fen >= 0), receipts integer not null,
        primary key (institution_id, shift_id), check ((closed_at is null) = (counted_fen is null))
      );
      create table counter_receipt (
        receipt_number text primary key, institution_id text not null, shift_id text not null,
        till_reference text not null, kind text not null check (kind in ('payment', 'return')),
        visit_id text not null, subject_id text not null,
        amount_fen bigint not null check (amount_fen > 0),
        way text not null check (way in ('cash', 'pos', 'code')), at timestamptz(3) not null,
        unique (institution_id, till_reference),
        foreign key (institution_id, shift_id) references counter_shift
      );
      create index counter_receipt_shift
        on counter_receipt (institution_id, shift_id, receipt_number);
      create index counter_receipt_visit on counter_receipt (visit_id);
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop table counter_receipt;
      drop table counter_shift;
      alter table capture drop column way;
    `);
  }
}

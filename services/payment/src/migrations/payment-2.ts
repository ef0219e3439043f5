import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Collections and refunds are items of a work queue: due while next_attempt_at is set, with the
 * number of the last lease. What is under way goes on where it was.
 */
export class Payment1750000001000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table collection add column lease integer not null default 0;
      alter table refund add column lease integer not null default 0;
      drop index collection_next, refund_next;
      create index collection_next on collection (next_attempt_at) where next_attempt_at is not null;
      create index refund_next on refund (next_attempt_at) where next_attempt_at is not null;
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop index collection_next, refund_next;
      create index collection_next on collection (next_attempt_at) where status in ('due', 'sending', 'unresolved');
      create index refund_next on refund (next_attempt_at) where status in ('due', 'sending');
      alter table collection drop column lease;
      alter table refund drop column lease;
    `);
  }
}

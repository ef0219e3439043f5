import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Notices are items of a work queue: due while next_attempt_at is set, with the number of the last
 * lease. What is under way goes on where it was.
 */
export class Notification1750000002000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table notice add column lease integer not null default 0;
      drop index notice_next;
      create index notice_next on notice (next_attempt_at) where next_attempt_at is not null;
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop index notice_next;
      create index notice_next on notice (next_attempt_at) where status in ('pending', 'sending');
      alter table notice drop column lease;
    `);
  }
}

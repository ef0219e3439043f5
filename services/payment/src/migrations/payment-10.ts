import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * A day is cleared in pages, one day at a time. What earlier releases cleared is cleared; the index
 * has what is to be cleared in the order of the pages.
 */
export class Payment1750000009000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table clearing
        add column progress text unique check (progress = 'clearing'),
        add column reached text;
      drop index collection_to_clear;
      create index collection_to_clear on collection (visit_id, payment_id)
        where uncleared_since is not null;
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop index collection_to_clear;
      create index collection_to_clear on collection (uncleared_since)
        where uncleared_since is not null;
      alter table clearing drop column progress, drop column reached;
    `);
  }
}

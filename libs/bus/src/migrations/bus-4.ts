import type { Migration, MigrationRunner } from '@caretab/store';

/** A parked message may hold its key: what follows is parked behind it, and both are retried. */
export class MessagingTables1000000000004 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE parked ADD COLUMN holds boolean NOT NULL DEFAULT false;
      ALTER TABLE parked ADD COLUMN retry_at timestamptz(3);
      CREATE INDEX parked_holds ON parked (group_name, topic, partition, key)
        WHERE status = 'parked' AND holds;
      CREATE INDEX parked_retry ON parked (retry_at) WHERE status = 'parked' AND holds;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      DROP INDEX parked_retry;
      DROP INDEX parked_holds;
      ALTER TABLE parked DROP COLUMN retry_at;
      ALTER TABLE parked DROP COLUMN holds;
    `);
  }
}

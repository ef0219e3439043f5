import type { Migration, MigrationRunner } from '@caretab/store';

/** A replay takes the messages of one key in the order of their topic. */
export class MessagingTables1000000000001 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX parked_key ON parked (group_name, topic, key, offset_no) WHERE status = 'parked'`,
    );
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP INDEX parked_key');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** The notices of a batch of events are looked up at once. */
export class Notification1750000006000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('create index notice_event on notice (event_id)');
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop index notice_event');
  }
}

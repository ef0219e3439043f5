import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * The sender's own id of a refused message, by which a hospital asks for it. Null for what was
 * refused before: the table is not rewritten, and a replica of the release before goes on inserting.
 */
export class Gateway1700000000015 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table quarantine add column message_id text');
    await queryRunner.query(`
      create index quarantine_message on quarantine (message_id, received_at, id)
        where message_id is not null`);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop index quarantine_message');
    await queryRunner.query('alter table quarantine drop column message_id');
  }
}

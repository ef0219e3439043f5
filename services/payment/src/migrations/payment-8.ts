import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * A capture is looked up by the channel's reference. Not unique: books of earlier releases may have
 * one twice.
 */
export class Payment1750000007000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('create index capture_reference on capture (reference)');
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop index capture_reference');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An operator may correct a parked message; the original is kept. */
export class MessagingTables1000000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE parked ADD COLUMN mended text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE parked DROP COLUMN mended');
  }
}

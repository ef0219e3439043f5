import type { Migration, MigrationRunner } from '@caretab/store';

/** An operator may correct a parked message; the original is kept. */
export class MessagingTables1000000000003 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('ALTER TABLE parked ADD COLUMN mended text');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('ALTER TABLE parked DROP COLUMN mended');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** A notice keeps the trace of its event: the later delivery continues it. */
export class Notification1750000001000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table notice add column traceparent text');
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table notice drop column traceparent');
  }
}

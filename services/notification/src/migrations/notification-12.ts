import type { Migration, MigrationRunner } from '@caretab/store';

/** A code answers, too, who an unidentified patient is. */
export class Notification1750000011000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table agreement_code add column link_id text');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table agreement_code drop column link_id');
  }
}

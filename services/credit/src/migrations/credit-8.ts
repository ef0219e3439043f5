import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * A hold says on which business day it was granted, so that a day's cap can be kept. Those of the
 * release before count to no day.
 */
export class Credit1700000000008 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table hold add column opened_on date');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table hold drop column opened_on');
  }
}

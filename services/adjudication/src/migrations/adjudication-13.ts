import type { Migration, MigrationRunner } from '@caretab/store';

/** What each verdict stood on, and why a claim was settled again. */
export class Adjudication1700000000013 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table claim add column inputs jsonb, add column cause jsonb;');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table claim drop column inputs, drop column cause;');
  }
}

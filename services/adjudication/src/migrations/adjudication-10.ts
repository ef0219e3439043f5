import type { Migration, MigrationRunner } from '@caretab/store';

/** A claim keeps its verdict in the plan language, so that it explains itself. */
export class Adjudication1700000000010 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table claim add column verdict jsonb');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table claim drop column verdict');
  }
}

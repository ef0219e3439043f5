import type { Migration, MigrationRunner } from '@caretab/store';

/** Who was a guardian before: visits that were opened on their line stay there. */
export class Credit1700000000022 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(
      `alter table subject add column guardians_before jsonb not null default '[]'`,
    );
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table subject drop column guardians_before');
  }
}

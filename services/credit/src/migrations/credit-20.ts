import type { Migration, MigrationRunner } from '@caretab/store';

/** Who has died. */
export class Credit1700000000020 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table subject
        add column died boolean not null default false,
        add column death_revision integer not null default 0;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table subject drop column died, drop column death_revision');
  }
}

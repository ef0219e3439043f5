import type { Migration, MigrationRunner } from '@caretab/store';

/** Who has died: nothing is collected from their accounts. */
export class Payment1750000022000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table mandate
        add column died boolean not null default false,
        add column death_revision integer not null default 0`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table mandate drop column died, drop column death_revision');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** One process publishes, and one keeps the views. */
export class VisitLedger1700000000011 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table checkpoint
        add column epoch bigint not null default 0,
        add column owner text,
        add column beat bigint not null default 0`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(
      'alter table checkpoint drop column epoch, drop column owner, drop column beat',
    );
  }
}

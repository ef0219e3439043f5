import type { Migration, MigrationRunner } from '@caretab/store';

/** Debit mandates that were taken back. */
export class Payment1750000017000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table mandate (
        person_id text primary key, revoked boolean not null, consent_revision integer not null
      )`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table mandate');
  }
}

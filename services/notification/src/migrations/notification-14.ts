import type { Migration, MigrationRunner } from '@caretab/store';

/** Who has died: they are sent nothing. */
export class Notification1750000014000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table death (
        person_id text primary key, died boolean not null, revision integer not null
      )`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table death');
  }
}

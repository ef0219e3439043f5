import type { Migration, MigrationRunner } from '@caretab/store';

/** Nothing of a person is destroyed whose erasure was not begun. */
export class Credit1700000000007 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table begun_erasure (person_id text primary key, erasure_id text not null)`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table begun_erasure');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** Codes by which who pays says yes to a visit at its desk, as hashes. */
export class Notification1750000019000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table visit_code (
        visit_id text primary key, code_hash text, ends_at timestamptz(3) not null,
        tries integer not null check (tries between 0 and 5),
        sent integer not null check (sent between 0 and 3), sent_at timestamptz(3) not null
      );
      create index visit_code_sent on visit_code (sent_at);
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table visit_code');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** Codes that others issue: which were decoded, each once. */
export class Identity1700000000044 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table decoded_code (
        token_hash text primary key,
        person_id text,
        used_at timestamptz(3) not null,
        used_by text not null,
        used_for text
      );
      create index decoded_code_person on decoded_code (person_id);
      create index decoded_code_age on decoded_code (used_at);
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table decoded_code');
  }
}

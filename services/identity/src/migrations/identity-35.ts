import type { Migration, MigrationRunner } from '@caretab/store';

/** Files of cards that a city sends part by part. */
export class Identity1700000000035 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table card_file (
        file_id text primary key,
        through integer not null check (through >= 0),
        rejected integer not null check (rejected between 0 and through)
      );
      create table card_file_part (
        file_id text not null references card_file,
        first_row integer not null check (first_row >= 1),
        content_hash text not null,
        rejects jsonb not null,
        primary key (file_id, first_row)
      );
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table card_file_part, card_file');
  }
}

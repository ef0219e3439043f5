import type { Migration, MigrationRunner } from '../src/migration';

export class Holds1740000000000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table holds (
        visit_id text, line bigint, amount_fen bigint not null, status text not null, reference text unique,
        expires_at timestamptz(3) not null, reasons jsonb not null, seal bytea,
        primary key (visit_id, line)
      );
      create table parts (
        part_id text primary key, party text not null, party_id text not null, coverage jsonb not null
      );
      create table hold_notes (note_id text primary key, of_visit text not null, line bigint not null);
      create table note_words (word_id text primary key, note_id text not null)`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table note_words, hold_notes, parts, holds');
  }
}

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
      )`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table parts, holds');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Holds1740000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table holds (
        visit_id text, line bigint, amount_fen bigint not null, status text not null, reference text unique,
        expires_at timestamptz(3) not null, reasons jsonb not null, seal bytea,
        primary key (visit_id, line)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table holds');
  }
}

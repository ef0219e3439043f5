import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A notice keeps the trace of its event: the later delivery continues it. */
export class Notification1750000001000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notice add column traceparent text');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notice drop column traceparent');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A checkpoint says of which event store it is. Those made so far are of the PostgreSQL store
 * beside this schema.
 */
export class VisitLedger1700000000002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table checkpoint add column store text;
      update checkpoint set store = 'postgres:' || current_schema() || '_events' where position <> '0';
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table checkpoint drop column store');
  }
}

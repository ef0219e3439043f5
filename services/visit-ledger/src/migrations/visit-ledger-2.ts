import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * A checkpoint says of which event store it is. Those made so far are of the PostgreSQL store
 * beside this schema.
 */
export class VisitLedger1700000000002 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table checkpoint add column store text;
      update checkpoint set store = 'postgres:' || current_schema() || '_events' where position <> '0';
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table checkpoint drop column store');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * What the edge holds a message against: the item of a charge, the id of a return, and which visits
 * are closed or cancelled. Null, and no row, for what was before: the tables are not rewritten, and a
 * replica of the release before goes on inserting.
 */
export class Gateway1700000000014 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(
      'alter table accepted_event add column item_code text, add column return_id text',
    );
    await queryRunner.query(`
      create table over_visit (
        visit_id text primary key, status text not null, visit_class text, closed_at text)`);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop table over_visit');
    await queryRunner.query(
      'alter table accepted_event drop column item_code, drop column return_id',
    );
  }
}

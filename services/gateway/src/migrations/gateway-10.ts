import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Of a charge it is kept whether it is a dispensed drug. Null for what was accepted before: the
 * table is not rewritten, and a replica of the release before goes on inserting.
 */
export class Gateway1700000000010 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`alter table accepted_event add column dispensed boolean`);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`alter table accepted_event drop column dispensed`);
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** What takes a charge back is a return. */
export class VisitLedger1700000000003 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table visit rename column charges_reversed to charges_returned;
      alter table institution_day rename column reversed_count to returned_count;
      alter table institution_day rename column reversed_fen to returned_fen;
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table visit rename column charges_returned to charges_reversed;
      alter table institution_day rename column returned_count to reversed_count;
      alter table institution_day rename column returned_fen to reversed_fen;
    `);
  }
}

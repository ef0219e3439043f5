import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * What was charged, so that a return of more is refused at once. Of charges that were accepted
 * before it is unknown, and the ledger alone judges their returns.
 */
export class Gateway1700000000006 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table accepted_event
        add column charge_id text, add column quantity text, add column amount_fen bigint;
      create index accepted_event_charge on accepted_event (visit_id, charge_id)
        where charge_id is not null;
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop index accepted_event_charge;
      alter table accepted_event
        drop column charge_id, drop column quantity, drop column amount_fen;
    `);
  }
}

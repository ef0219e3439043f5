import type { Migration, MigrationRunner } from '@caretab/store';

/** A code may also be for a whole visit: whether it is theirs who is to pay. */
export class Notification1750000008000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table agreement_code alter column charge_id drop not null');
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('delete from agreement_code where charge_id is null');
    await queryRunner.query('alter table agreement_code alter column charge_id set not null');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * The further own numbers of a patient that a message has beside its first, keyed and parted by
 * blanks. Null for what was accepted before, and for what a replica of the release before accepts.
 */
export class Gateway1700000000016 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table accepted_event add column further_number_hashes text');
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table accepted_event drop column further_number_hashes');
  }
}

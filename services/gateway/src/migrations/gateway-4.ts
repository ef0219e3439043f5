import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * By which number of its own a hospital opened a visit, so that a later message may name the patient
 * by it. Of visits opened so far it is unknown, and any number is taken.
 */
export class Gateway1700000000004 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table accepted_event add column patient_number_hash text;');
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table accepted_event drop column patient_number_hash;');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Whom a merge of patient numbers named, whether anyone was known by them, and the turn in which an
 * institution's merges are noted. The events of a number are found whatever their type, not
 * openings alone. A replica of the release before goes on noting merges: new columns have defaults.
 */
export class Gateway1700000000012 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table merged_number
        add column person_id text, add column known boolean not null default true`);
    await queryRunner.query(`
      create index merged_number_person on merged_number (person_id) where person_id is not null`);
    await queryRunner.query(`
      create index merged_number_unknown on merged_number (merged_at) where not known`);
    await queryRunner.query('create table merge_turn (institution_id text primary key)');
    await queryRunner.query(`
      create index accepted_event_number on accepted_event
        (patient_number_hash, person_id, visit_id) where patient_number_hash is not null`);
    await queryRunner.query('drop index accepted_event_patient_number');
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create index accepted_event_patient_number on accepted_event (patient_number_hash)
        where type = 'VisitStarted' and patient_number_hash is not null`);
    await queryRunner.query('drop index accepted_event_number');
    await queryRunner.query('drop table merge_turn');
    await queryRunner.query('drop index merged_number_unknown');
    await queryRunner.query('drop index merged_number_person');
    await queryRunner.query('alter table merged_number drop column known, drop column person_id');
  }
}

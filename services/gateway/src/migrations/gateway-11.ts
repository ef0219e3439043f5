import type { Migration, MigrationRunner } from '@caretab/store';

/** Patient numbers of a hospital that were merged, and the visits of a number. */
export class Gateway1700000000011 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table merged_number (
        former_hash text primary key, surviving_hash text not null, institution_id text not null,
        merged_at timestamptz not null)`);
    await queryRunner.query(
      'create index merged_number_surviving on merged_number (surviving_hash)',
    );
    await queryRunner.query(`
      create index accepted_event_patient_number on accepted_event (patient_number_hash)
        where type = 'VisitStarted' and patient_number_hash is not null`);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop index accepted_event_patient_number');
    await queryRunner.query('drop table merged_number');
  }
}

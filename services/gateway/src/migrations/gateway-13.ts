import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Of a destroyed identifier it is kept whose it was, and when the person registered again. Null for
 * what was destroyed before: the release before goes on inserting.
 */
export class Gateway1700000000013 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table destroyed_identifier
        add column person_id text, add column returned_at timestamptz(3);
      create index destroyed_identifier_person on destroyed_identifier (person_id);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop index destroyed_identifier_person;
      alter table destroyed_identifier drop column person_id, drop column returned_at;
    `);
  }
}

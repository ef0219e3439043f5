import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * When an accepted report happened, by the hospital: an end is held against the start of its visit.
 * Of those accepted so far it is unknown.
 */
export class Gateway1700000000003 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table accepted_event add column happened_at text');
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table accepted_event drop column happened_at');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** By which activation, or who of the staff, a service was opened. */
export class Credit1700000000011 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table enrolment add column opened_by text');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table enrolment drop column opened_by');
  }
}

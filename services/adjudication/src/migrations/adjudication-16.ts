import type { Migration, MigrationRunner } from '@caretab/store';

/** A person's visits by the day of their end: a shadow run looks at them together. */
export class Adjudication1700000000016 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create index coverage_person on coverage (person_id, closed_date)
        where closed_date is not null;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop index coverage_person;');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** Consents that were taken back, and services that end with them. */
export class Credit1700000000014 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table subject
        add column revoked jsonb not null default '[]',
        add column consent_revision integer not null default 0;
      create index enrolment_ending on enrolment (person_id) where status = 'ending';
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      update enrolment set status = 'open' where status = 'ending';
      drop index enrolment_ending;
      alter table subject drop column revoked, drop column consent_revision;
    `);
  }
}

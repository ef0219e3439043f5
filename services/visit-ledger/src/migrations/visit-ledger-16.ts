import type { Migration, MigrationRunner } from '@caretab/store';

/** Who answers for a child, by identity; nothing is destroyed without an erasure that was begun. */
export class VisitLedger1700000000016 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table guardian (
        person_id text not null, guardian_id text not null, primary key (person_id, guardian_id));
      create table begun_erasure (person_id text primary key, erasure_id text not null)`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table guardian, begun_erasure');
  }
}

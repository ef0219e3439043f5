import type { Migration, MigrationRunner } from '@caretab/store';

/** What the centre answers about who is entitled, visit by visit. */
export class Adjudication1700000000009 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table entitlement (
        visit_id text primary key,
        person_id text not null,
        institution_id text not null,
        care_date date not null,
        answer jsonb,
        said_by text check (said_by in ('hospital', 'centre')),
        opening jsonb,
        awaited_since timestamptz(3) not null,
        attempts integer not null check (attempts >= 0),
        outcome text,
        next_attempt_at timestamptz(3),
        lease integer not null,
        check ((answer is null) = (said_by is null)),
        check (opening is null or answer is null),
        check ((next_attempt_at is null) = (opening is null))
      );
      create index entitlement_due on entitlement (next_attempt_at)
        where next_attempt_at is not null;
      create index entitlement_person on entitlement (person_id, care_date)
        where answer is not null;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table entitlement');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Erasures with their receipts, one under way per person, and what recognises an erased person who
 * registers again.
 */
export class Identity1700000000003 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table erasure (
        erasure_id text primary key,
        person_id text not null references person,
        status text not null
          check (status in ('requested', 'closing', 'destroying', 'done', 'refused')),
        requested_at timestamptz(3) not null,
        closed_at timestamptz(3),
        destroyed_at timestamptz(3),
        done_at timestamptz(3),
        closing_notice text,
        refused jsonb not null,
        waits_for jsonb not null,
        destroyed jsonb not null
      );
      create index erasure_person on erasure (person_id, requested_at);
      create unique index erasure_under_way on erasure (person_id)
        where status in ('requested', 'closing', 'destroying');
      create index erasure_status on erasure (status, requested_at)
        where status in ('requested', 'closing', 'destroying');
      create table erased_person (
        registry_index text primary key,
        person_id text not null references person,
        erased_at timestamptz(3) not null,
        kept_until timestamptz(3) not null
      );
      create index erased_person_end on erased_person (kept_until);
      create index guardianship_guardian on guardianship (guardian_id);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop index guardianship_guardian; drop table erased_person, erasure;');
  }
}

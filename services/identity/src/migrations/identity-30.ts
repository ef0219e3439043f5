import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Guardianships have evidence and a period, and there may be two. What was appointed before is the
 * first guardian's of a minor, without evidence; whether its ward is of age the job looks at once.
 */
export class Identity1700000000030 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table guardianship
        add column guardianship_id text,
        add column rank text not null default 'first' check (rank in ('first', 'second')),
        add column basis text not null default 'minor' check (basis in ('minor', 'incapacity')),
        add column until_day date,
        add column consent_rule text not null default 'any' check (consent_rule in ('any', 'both')),
        add column evidence_kind text,
        add column evidence_reference text,
        add column of_adult boolean not null default false,
        add column look_on date default '1970-01-01',
        add column approved_by text,
        add column ended_at timestamptz(3),
        add column ended_because text,
        add column ended_why text,
        add column ended_by text;
      update guardianship set guardianship_id = 'g-' || md5(person_id);
      alter table guardianship
        drop constraint guardianship_pkey,
        add primary key (guardianship_id),
        alter column rank drop default, alter column basis drop default,
        alter column consent_rule drop default, alter column of_adult drop default,
        alter column look_on drop default,
        add check ((ended_at is null) = (ended_because is null)),
        add check (ended_at is null or look_on is null),
        add check (basis = 'minor' or evidence_kind = 'court-decision'),
        add check ((evidence_kind is null) = (evidence_reference is null));
      create unique index guardianship_rank on guardianship (person_id, rank)
        where ended_at is null;
      create unique index guardianship_pair on guardianship (person_id, guardian_id)
        where ended_at is null;
      create index guardianship_person on guardianship (person_id, appointed_at);
      create index guardianship_look on guardianship (look_on) where look_on is not null;
      alter table consent add column awaits boolean not null default false;
    `);
  }

  /** Of two guardians the first stays, as the release before has one. */
  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      delete from guardianship where ended_at is not null or rank <> 'first' or basis <> 'minor';
      drop index guardianship_rank, guardianship_pair, guardianship_person, guardianship_look;
      alter table guardianship
        drop constraint guardianship_pkey,
        drop column guardianship_id, drop column rank, drop column basis, drop column until_day,
        drop column consent_rule, drop column evidence_kind, drop column evidence_reference,
        drop column of_adult, drop column look_on, drop column approved_by, drop column ended_at,
        drop column ended_because, drop column ended_why, drop column ended_by,
        add primary key (person_id);
      alter table consent drop column awaits;
    `);
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Dues in arrears, and what the credit authority is given of them. What was missed before begins its
 * arrears now: nothing is reported before it was announced.
 */
export class Credit1700000000015 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table arrears (
        visit_id text primary key, account_person_id text not null, owed_fen bigint not null,
        since timestamptz(3) not null, reminders integer not null, next_at timestamptz(3),
        announced_at timestamptz(3), reported_at timestamptz(3),
        objection text check (objection in ('open', 'stands', 'upheld')),
        ground text, objected_at timestamptz(3), objected_by text,
        decided_by text, decided_at timestamptz(3), why text, ended_at timestamptz(3),
        check (reported_at is null or announced_at is not null),
        check ((objection is null) = (objected_by is null))
      );
      create index arrears_due on arrears (next_at) where next_at is not null;
      create index arrears_person on arrears (account_person_id, since);
      create index arrears_owed on arrears (since, visit_id) where ended_at is null;
      create table default_report (
        report_id text primary key, visit_id text not null, person_id text not null,
        kind text not null check (kind in ('reported', 'taken-back')), reason text,
        owed_fen bigint not null, since timestamptz(3) not null, consecutive integer not null,
        at timestamptz(3) not null
      );
      create index default_report_at on default_report (at, report_id);
      create function refuse_report_change() returns trigger language plpgsql as $$ begin raise
        exception 'reports of defaults are only ever added'; end $$;
      create trigger report_is_append_only before update or delete or truncate on default_report
        for each statement execute function refuse_report_change();
      insert into arrears (visit_id, account_person_id, owed_fen, since, reminders, next_at)
        select visit_id, account_person_id, outstanding_fen, now(), 0, now() from hold
        where status = 'due' and missed_at is not null;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop table arrears, default_report;
      drop function refuse_report_change();
    `);
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** Deaths, by two persons each, and that one was taken back: only ever added. */
export class Identity1700000000022 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table death (
        person_id text not null,
        revision integer not null check (revision > 0),
        died boolean not null,
        sealed_day bytea,
        paper text not null,
        recorded_by text not null,
        approved_by text not null,
        at timestamptz(3) not null,
        primary key (person_id, revision),
        check (recorded_by <> approved_by),
        check (died = (sealed_day is not null))
      );
      create function refuse_death_change() returns trigger language plpgsql as $$ begin raise
      exception 'records of deaths are only ever added'; end $$;
      create trigger death_is_append_only before update or delete or truncate on death for each
      statement execute function refuse_death_change();
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table death; drop function refuse_death_change();');
  }
}

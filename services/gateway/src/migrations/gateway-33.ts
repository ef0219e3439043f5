import type { Migration, MigrationRunner } from '@caretab/store';

const LISTED = `('waiting', 'rejected', 'not-deferred')`;

/**
 * A report's fate is written in place: it is in no index, and its page has room for it. What is
 * looked for by its fate is rare, and has a column that stays null for the others. A trigger keeps
 * it right where a replica of the release before decides. Charges of a visit, and its other
 * reports, are found by one index instead of two.
 */
export class Gateway1700000000033 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table accepted_event add column listed_fate text;
      update accepted_event set listed_fate = fate where fate in ${LISTED};
      create function listed_fate_of_event() returns trigger language plpgsql as $$
        begin
          new.listed_fate := case when new.fate in ${LISTED} then new.fate end;
          return new;
        end $$;
      create trigger listed_fate before insert or update on accepted_event for each row
        when (new.listed_fate is distinct from case when new.fate in ${LISTED} then new.fate end)
        execute function listed_fate_of_event();
      create index accepted_event_listed
        on accepted_event (institution_id, listed_fate, accepted_at, id)
        where listed_fate is not null;
      create index accepted_event_of_visit on accepted_event (visit_id, type, charge_id);
      drop index accepted_event_fate;
      drop index accepted_event_charge;
      drop index accepted_event_visit;
      alter table accepted_event set (fillfactor = 50)`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table accepted_event reset (fillfactor);
      create index accepted_event_visit on accepted_event (visit_id, type);
      create index accepted_event_charge on accepted_event (visit_id, charge_id)
        where charge_id is not null;
      create index accepted_event_fate on accepted_event (institution_id, fate, accepted_at, id);
      drop index accepted_event_of_visit;
      drop index accepted_event_listed;
      drop trigger listed_fate on accepted_event;
      drop function listed_fate_of_event();
      alter table accepted_event drop column listed_fate`);
  }
}

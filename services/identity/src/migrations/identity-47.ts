import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Cards of card platforms, by region; what is counted of changes; and the cards of those who have died
 * are frozen, also of those whose death was recorded before.
 */
export class Identity1700000000047 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table card
        add column region text check (region ~ '^[0-9]{2}([0-9]{2}){0,2}$'),
        add column office text,
        add column frozen_by_death boolean not null default false,
        add check (not frozen_by_death or status = 'frozen'),
        drop constraint card_mode_check,
        add constraint card_mode_check check (mode in
          ('registration', 'bank-counter', 'kiosk', 'batch', 'application', 'platform'));
      alter table card_change
        add column day date,
        add column region text,
        add column institution_id text;
      update card_change set day = (at at time zone 'Asia/Shanghai')::date,
        institution_id = (select institution_id from card where card.card_id = card_change.card_id);
      alter table card_change alter column day set not null;
      create index card_change_day on card_change (day, region, institution_id, change);
      with dead as (
        select distinct on (person_id) person_id, died, recorded_by, approved_by from death
        order by person_id, revision desc
      ), frozen as (
        update card set status = 'frozen', frozen_by_death = true, changed_at = now()
        from dead where dead.person_id = card.person_id and dead.died and card.status = 'active'
        returning card_id, number_hash, institution_id, recorded_by, approved_by
      ), noted as (
        insert into card_change (change_id, card_id, change, status, by, why, approved_by, at, day,
            institution_id)
          select 'died-' || card_id, card_id, 'freeze', 'frozen', recorded_by,
            'the holder has died', approved_by, now(),
            (now() at time zone 'Asia/Shanghai')::date, institution_id
          from frozen
      )
      insert into card_list (number_hash, list, why, at, sequence)
        select number_hash, 'black', 'frozen', now(), null from frozen where number_hash is not null
        on conflict (number_hash) do update
          set list = excluded.list, why = excluded.why, at = excluded.at, sequence = null;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      update card set mode = 'bank-counter' where mode = 'platform';
      alter table card drop constraint card_mode_check,
        add constraint card_mode_check check (mode in
          ('registration', 'bank-counter', 'kiosk', 'batch', 'application')),
        drop column region, drop column office, drop column frozen_by_death;
      alter table card_change drop column day, drop column region, drop column institution_id;
    `);
  }
}

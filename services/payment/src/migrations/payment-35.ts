import type { Migration, MigrationRunner } from '@caretab/store';

/** Several accounts of a person, each with its mandate; an order keeps the account that it debits. */
export class Payment1750000035000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table bound_account
        add column account_id text, add column place integer not null default 1,
        add column verification text,
        add column per_payment_fen bigint check (per_payment_fen > 0),
        add column per_day_fen bigint check (per_day_fen > 0),
        add column until date;
      update bound_account set account_id = gen_random_uuid()::text;
      alter table bound_account
        drop constraint bound_account_pkey, add primary key (account_id),
        alter column place drop default, add check (place > 0),
        add constraint bound_account_place unique (person_id, place) deferrable initially deferred;
      alter table payment_order add column account_id text;
      create index payment_order_account on payment_order (account_id, started_at)
        where account_id is not null;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop index payment_order_account;
      alter table payment_order drop column account_id;
      delete from bound_account where place > 1;
      alter table bound_account drop constraint bound_account_place, drop constraint
        bound_account_pkey, add primary key (person_id), drop column account_id, drop column place,
        drop column verification, drop column per_payment_fen, drop column per_day_fen,
        drop column until;
    `);
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * What a bank was informed of and confirmed; what it said is repaid before its draw was known; and
 * what two persons decided where it and the mirror are not one.
 */
export class Credit1700000000032 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table bank_line add column told_revoked jsonb not null default '[]',
        add column out_revoked jsonb, add check (out_revoked is null or next_attempt_at is not null);
      -- Who took something back before is looked at once.
      update bank_line set next_attempt_at = now() where orders > 0 and next_attempt_at is null;
      alter table visit_confirmation drop constraint visit_confirmation_way_check;
      alter table visit_confirmation add constraint visit_confirmation_way_check
        check (way in ('own-token', 'notice-code', 'code-shown', 'desk-code'));
      alter table loan add column said_repaid_fen bigint not null default 0
          check (said_repaid_fen >= 0),
        add column refused_for text, add column refusals integer not null default 0;
      create table loan_repair (
        repair_id text primary key, visit_id text not null, lender_id text not null,
        difference text not null, differs_since timestamptz(3) not null,
        repair text not null check (repair in ('ask-again', 'done-by-bank', 'noted')),
        evidence text not null, declared_by text not null, approved_by text not null,
        at timestamptz(3) not null, check (declared_by <> approved_by)
      );
      create index loan_repair_visit on loan_repair (visit_id, at);
      create function refuse_repair_change() returns trigger language plpgsql as $$ begin
      raise exception 'what two persons decided about a loan stays'; end $$;
      create trigger loan_repair_stays before update or delete on loan_repair
        for each row execute function refuse_repair_change();
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table visit_confirmation drop constraint visit_confirmation_way_check;
      alter table visit_confirmation add constraint visit_confirmation_way_check
        check (way in ('own-token', 'notice-code', 'code-shown'));
      drop table loan_repair;
      drop function refuse_repair_change();
      alter table loan drop column said_repaid_fen, drop column refused_for, drop column refusals;
      alter table bank_line drop column told_revoked, drop column out_revoked;
    `);
  }
}

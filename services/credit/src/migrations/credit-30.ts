import type { Migration, MigrationRunner } from '@caretab/store';

/** The word of who pays about each visit, where the line policy asks for it. An answer is final. */
export class Credit1700000000030 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table visit_confirmation (
        visit_id text primary key,
        person_id text not null,
        account_person_id text not null,
        state text not null check (state in ('awaited', 'given', 'denied', 'late', 'cancelled')),
        lender jsonb,
        causation_id text not null,
        traceparent text,
        asked_at timestamptz(3) not null,
        answer_until timestamptz(3) not null,
        answered_at timestamptz(3),
        way text check (way in ('own-token', 'notice-code', 'code-shown')),
        operator text,
        next_attempt_at timestamptz(3),
        lease integer not null,
        check ((state = 'awaited') = (next_attempt_at is not null)),
        check ((state = 'awaited') = (answered_at is null)),
        check ((state in ('given', 'denied')) = (way is not null))
      );
      create index visit_confirmation_due on visit_confirmation (next_attempt_at)
        where next_attempt_at is not null;
      create function refuse_confirmation_change() returns trigger language plpgsql as $$ begin
      if old.state <> 'awaited' then raise exception 'an answer about a visit is final'; end if;
      return new; end $$;
      create trigger visit_confirmation_is_final before update or delete on visit_confirmation
        for each row execute function refuse_confirmation_change();
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(
      'drop table visit_confirmation; drop function refuse_confirmation_change();',
    );
  }
}

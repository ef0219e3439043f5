import type { Migration, MigrationRunner } from '@caretab/store';

/** Line policies are rows, and the open lines that follow an earlier one are found by an index. */
export class Credit1700000000010 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table line_policy (
        version text primary key, policy_id text not null, region text not null,
        effective_from date not null, document jsonb not null,
        state text not null check (state in ('draft', 'approved', 'dropped')),
        put_by text not null, put_at timestamptz(3) not null,
        approved_by text, approved_at timestamptz(3),
        dropped_by text, dropped_at timestamptz(3), dry_run jsonb,
        followed_count bigint not null, raised_count bigint not null, raised_fen bigint not null,
        lowered_count bigint not null, lowered_fen bigint not null,
        check (state <> 'approved' or (approved_by is not null and approved_at is not null))
      );
      create index account_policy on account (policy_id) where status = 'open';
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop index account_policy; drop table line_policy');
  }
}

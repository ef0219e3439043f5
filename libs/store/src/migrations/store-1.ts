import type { Migration, MigrationRunner } from '../migration';

/**
 * What every service's store has beside its own tables: marks of what was handled, and messages on
 * their way out.
 */
export class InboxAndOutbox1000000000000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table inbox (
        group_name text not null,
        message_id text not null,
        handled_at timestamptz not null default now(),
        primary key (group_name, message_id)
      );
      create index inbox_handled_at on inbox (handled_at);
      create table outbox (
        id bigserial primary key,
        topic text not null,
        key text not null,
        headers jsonb not null,
        value text not null,
        created_at timestamptz not null default now()
      ) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop table outbox; drop table inbox;');
  }
}

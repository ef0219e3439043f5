import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Notices are retried for a time and not for a number of attempts: what is under way begins its time
 * now. The default stays for replicas of the release before. Webhooks are found by institution and
 * time; secrets have versions; institutions have names.
 */
export class Notification1750000003000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table notice add column due_since timestamptz(3) not null default now();
      create index notice_webhook on notice (recipient_id, occurred_at, notice_id)
        where channel = 'webhook';
      create index notice_webhook_time on notice (occurred_at, notice_id)
        where channel = 'webhook';
      create index notice_webhook_failing on notice (status, due_since)
        where channel = 'webhook' and status in ('pending', 'failed');
      alter table institution add column name text;
      create table webhook_secret (
        institution_id text not null,
        version integer not null check (version >= 0),
        ends_at timestamptz(3),
        primary key (institution_id, version)
      );
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop table webhook_secret;
      alter table institution drop column name;
      drop index notice_webhook_failing;
      drop index notice_webhook_time;
      drop index notice_webhook;
      alter table notice drop column due_since;
    `);
  }
}

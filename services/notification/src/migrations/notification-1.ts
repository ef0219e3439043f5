import type { Migration, MigrationRunner } from '@caretab/store';

/** Notices, preferences, and what is known of institutions and guardians. No personal data. */
export class Notification1750000000000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table notice (
        notice_id text primary key, event_id text not null, visit_id text, recipient_id text not
        null, channel text not null check (channel in ('email', 'webhook')),
        template text not null, facts jsonb not null, status text not null check (status in
        ('pending', 'sending', 'sent', 'failed', 'unconfirmed', 'skipped')), reason text,
        attempts integer not null, next_attempt_at timestamptz(3), occurred_at timestamptz(3) not
        null, sent_at timestamptz(3)
      );
      create index notice_next on notice (next_attempt_at) where status in ('pending', 'sending');
      create index notice_visit on notice (visit_id);
      create table preference (person_id text primary key, language text not null check (language
      in ('zh', 'en')), channels jsonb not null);
      create table institution (institution_id text primary key, webhook_url text);
      create table guardian (person_id text primary key, guardian_id text not null);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop table guardian, institution, preference, notice');
  }
}

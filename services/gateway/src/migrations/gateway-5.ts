import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Quarantined messages have a size, are read page by page, and are found with the person whose
 * identifiers are in them. Those that are kept already are indexed by the job.
 */
export class Gateway1700000000005 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table quarantine add column bytes integer not null default 0;
      alter table quarantine add column indexed boolean not null default false;
      update quarantine set bytes = coalesce(length(sealed), 0), indexed = forgotten;
      create index quarantine_unindexed on quarantine (id) where not indexed;
      create index quarantine_sender on quarantine (institution_id) where not forgotten;
      create index quarantine_page on quarantine (status, received_at, id);
      drop index quarantine_status;
      create table quarantine_mention (
        blind_index text not null,
        quarantine_id text not null,
        primary key (blind_index, quarantine_id)
      );
      create index quarantine_mention_entry on quarantine_mention (quarantine_id);
      create table destroyed_identifier (
        blind_index text primary key,
        destroyed_at timestamptz(3) not null
      );
      create index destroyed_identifier_time on destroyed_identifier (destroyed_at);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop table destroyed_identifier;
      drop table quarantine_mention;
      create index quarantine_status on quarantine (status, received_at);
      drop index quarantine_page;
      drop index quarantine_sender;
      drop index quarantine_unindexed;
      alter table quarantine drop column indexed;
      alter table quarantine drop column bytes;
    `);
  }
}

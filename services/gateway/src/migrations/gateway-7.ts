import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * What became of each accepted report. Of those that are accepted already the ledger's topic says it
 * again, as far as it is kept. What a replica of the release before accepts has no institution until
 * its fate is known.
 */
export class Gateway1700000000007 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table accepted_event
        add column institution_id text not null default '',
        add column source_message_id text,
        add column fate text not null default 'accepted' check (fate in
          ('accepted', 'waiting', 'applied', 'deferred', 'not-deferred', 'rejected')),
        add column fate_at timestamptz(3),
        add column reason text,
        add column remedy text;
      update accepted_event set institution_id = split_part(visit_id, '-', 1);
      create index accepted_event_page on accepted_event (institution_id, accepted_at, id);
      create index accepted_event_fate on accepted_event (institution_id, fate, accepted_at, id);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop index accepted_event_fate;
      drop index accepted_event_page;
      alter table accepted_event
        drop column institution_id, drop column source_message_id, drop column fate,
        drop column fate_at, drop column reason, drop column remedy;
    `);
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** The table every service with consumers has; runs in the service's own schema. */
export class MessagingTables1000000000000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE parked (
        id text PRIMARY KEY,
        group_name text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        offset_no bigint NOT NULL,
        key text NOT NULL,
        message_id text,
        headers text NOT NULL,
        value text NOT NULL,
        code text NOT NULL,
        reason text NOT NULL,
        trace_id text,
        parked_at timestamptz(3) NOT NULL,
        place text COLLATE "C" NOT NULL,
        attempts integer NOT NULL,
        status text NOT NULL CHECK (status IN ('parked', 'replayed', 'discarded')),
        settled_at timestamptz(3),
        why text
      )`);
    await runner.query('CREATE INDEX parked_place ON parked (status, place)');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE parked');
  }
}

import type { Migration, MigrationRunner } from '@caretab/store';

/** What proves that a key, or an environment, is the one by which this database was written. */
export class Fingerprints1000000000010 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE fingerprint (
        name text NOT NULL,
        key_id text NOT NULL,
        fingerprint text NOT NULL,
        turn integer NOT NULL CHECK (turn >= 0),
        kept_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (name, key_id)
      )`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE fingerprint');
  }
}

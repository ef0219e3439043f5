import type { Migration, MigrationRunner } from '@caretab/store';

/** Who asked for what needs two persons, and who gave it. */
export class ApprovalTables1000000000006 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE approval (
        approval_id text PRIMARY KEY,
        digest text NOT NULL,
        action text NOT NULL,
        institution text,
        person text,
        params jsonb NOT NULL,
        about jsonb NOT NULL,
        requested_by text NOT NULL,
        requested_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        state text NOT NULL CHECK (state IN ('open', 'given', 'refused', 'used')),
        decided_by text CHECK (decided_by <> requested_by),
        decided_at timestamptz(3),
        why text,
        used_at timestamptz(3),
        outcome text,
        CHECK (state = 'open' OR decided_by IS NOT NULL),
        CHECK ((state = 'used') = (used_at IS NOT NULL))
      )`);
    await runner.query('CREATE INDEX approval_state ON approval (state, requested_at)');
    await runner.query('CREATE INDEX approval_digest ON approval (digest)');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE approval');
  }
}

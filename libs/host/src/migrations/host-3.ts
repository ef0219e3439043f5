import type { Migration, MigrationRunner } from '@caretab/store';

/** No one takes away what is younger, whatever a setting says. */
const KEPT = `interval '180 days'`;
/** Of one round of deletions. */
const PRUNED_ROWS = 20_000;

/**
 * Who did what to whose. Rows are only inserted; the oldest are deleted by a row in `access_pruning`,
 * which says so and stays.
 */
export class AccessRecords1000000000008 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE access_record (
        position bigint PRIMARY KEY CHECK (position > 0),
        at timestamptz(3) NOT NULL,
        subject text NOT NULL,
        roles text NOT NULL,
        through text,
        action text NOT NULL,
        institution text,
        person text,
        thing text,
        outcome text NOT NULL CHECK (outcome IN ('allowed', 'refused')),
        policies text NOT NULL,
        purpose text,
        approval text,
        approved_by text,
        address text,
        trace text,
        times integer NOT NULL CHECK (times > 0),
        previous text NOT NULL,
        hash text NOT NULL
      )`);
    await runner.query(
      'CREATE INDEX access_record_person ON access_record (person, position) WHERE person IS NOT NULL',
    );
    await runner.query('CREATE INDEX access_record_subject ON access_record (subject, position)');
    await runner.query('CREATE INDEX access_record_at ON access_record (at)');
    await runner.query(`
      CREATE TABLE access_head (
        id text PRIMARY KEY CHECK (id = 'head'),
        position bigint NOT NULL,
        hash text NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE access_pruning (
        pruning_id text PRIMARY KEY,
        pruned_at timestamptz(3) NOT NULL,
        before timestamptz(3) NOT NULL
      )`);
    for (const statement of FENCES) await runner.query(statement);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE access_record, access_head, access_pruning');
    for (const name of ['access_unchanged()', 'access_kept()', 'access_prune()'])
      await runner.query(`DROP FUNCTION ${name}`);
  }
}

/** The owner of the tables is refused too, who would have to take the triggers away. */
const FENCES = [
  `CREATE FUNCTION access_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF tg_op = 'DELETE' AND tg_table_name = 'access_record' AND pg_trigger_depth() > 1 THEN
       RETURN NULL;
     END IF;
     RAISE EXCEPTION 'records of access stay as they are: % refused', tg_op
       USING ERRCODE = 'insufficient_privilege';
   END $$`,
  `CREATE FUNCTION access_kept() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF old.at <= now() - ${KEPT} THEN RETURN old; END IF;
     RAISE EXCEPTION 'records of access are kept for 180 days: % refused', tg_op
       USING ERRCODE = 'insufficient_privilege';
   END $$`,
  // With the rights of the owner: a service deletes nothing. A first part goes, without gaps.
  `CREATE FUNCTION access_prune() RETURNS trigger LANGUAGE plpgsql
   SECURITY DEFINER SET search_path FROM CURRENT AS $$
   DECLARE stays bigint;
   BEGIN
     SELECT min(position) INTO stays FROM access_record
       WHERE at > least(new.before, now() - ${KEPT});
     SELECT least(coalesce(stays, max(position)), min(position) + ${PRUNED_ROWS}) INTO stays
       FROM access_record;
     DELETE FROM access_record WHERE position < stays;
     RETURN NULL;
   END $$`,
  ...['access_record', 'access_pruning'].map(
    (table) =>
      `CREATE TRIGGER ${table}_unchanged BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
       FOR EACH STATEMENT EXECUTE FUNCTION access_unchanged()`,
  ),
  `CREATE TRIGGER access_record_kept BEFORE DELETE ON access_record
   FOR EACH ROW EXECUTE FUNCTION access_kept()`,
  `CREATE TRIGGER access_pruning_prunes AFTER INSERT ON access_pruning
   FOR EACH ROW EXECUTE FUNCTION access_prune()`,
  ...[
    ['access_record', 'access_record_unchanged'],
    ['access_record', 'access_record_kept'],
    ['access_pruning', 'access_pruning_unchanged'],
  ].map(([table, trigger]) => `ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${trigger}`),
];

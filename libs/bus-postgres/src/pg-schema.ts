import { assert } from '@caretab/kernel';
import type { Pool } from 'pg';

/**
 * A message's offset is drawn and the message inserted while its partition's row is locked, until
 * the transaction ends: the next writer waits, so a reader that sees an offset sees every smaller
 * one. Rows are locked in the order of their ids, so writers cannot deadlock.
 */
const statements = (schema: string): string[] => [
  `CREATE SCHEMA IF NOT EXISTS ${schema}`,
  `CREATE TABLE IF NOT EXISTS ${schema}.topics (
    name text PRIMARY KEY,
    retention_ms bigint NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS ${schema}.partitions (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL REFERENCES ${schema}.topics,
    partition integer NOT NULL,
    first_offset bigint NOT NULL DEFAULT 0,
    next_offset bigint NOT NULL DEFAULT 0,
    UNIQUE (topic, partition)
  ) WITH (fillfactor = 50)`,
  `CREATE TABLE IF NOT EXISTS ${schema}.messages (
    partition_id integer NOT NULL,
    "offset" bigint NOT NULL,
    key text NOT NULL,
    headers text NOT NULL,
    value text NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (partition_id, "offset")
  )`,
  `CREATE TABLE IF NOT EXISTS ${schema}.members (
    group_name text NOT NULL,
    member_id text NOT NULL,
    topics text[] NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (group_name, member_id)
  ) WITH (fillfactor = 50)`,
  `CREATE TABLE IF NOT EXISTS ${schema}.offsets (
    group_name text NOT NULL,
    partition_id integer NOT NULL REFERENCES ${schema}.partitions,
    "offset" bigint NOT NULL,
    owner text,
    generation bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (group_name, partition_id)
  ) WITH (fillfactor = 50)`,
  `CREATE OR REPLACE FUNCTION ${schema}.append(partition_ids integer[], ordinals integer[], keys
    text[], headers text[], contents text[]) RETURNS void
  LANGUAGE plpgsql AS $append$
  BEGIN
    PERFORM 1 FROM ${schema}.partitions p WHERE p.id = ANY (partition_ids) ORDER BY p.id FOR UPDATE;
    WITH input AS (
      SELECT * FROM unnest(partition_ids, ordinals, keys, headers, contents) AS i (partition_id,
      ordinal, key, headers, value)
    ), heads AS (
      UPDATE ${schema}.partitions p SET next_offset = p.next_offset + c.added
      FROM (SELECT partition_id, count(*) AS added FROM input GROUP BY partition_id) c
      WHERE p.id = c.partition_id
      RETURNING p.id, p.next_offset - c.added AS base
    )
    INSERT INTO ${schema}.messages (partition_id, "offset", key, headers, value)
    SELECT i.partition_id, h.base + i.ordinal, i.key, i.headers, i.value FROM input i JOIN heads
    h ON h.id = i.partition_id;
  END $append$`,
];

/** Makes the bus's tables where they are missing; safe when several processes start at once. */
export const createTables = async (pool: Pool, schema: string): Promise<void> => {
  assert(
    /^[a-z_][a-z0-9_]{0,50}$/.test(schema),
    'a schema name is lower case letters, digits and underscores',
  );
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`caretab bus ${schema}`]);
    for (const statement of statements(schema)) await client.query(statement);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
};

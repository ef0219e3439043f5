import type { Pool } from 'pg';

const PRUNE_ROWS = 5000;

/**
 * Deletes messages older than their topic's retention that every group of the partition has handled.
 * Returns how many.
 */
export const prune = async (pool: Pool, schema: string): Promise<number> => {
  const { rows } = await pool.query<{ id: number; retention_ms: string }>(
    `SELECT p.id, t.retention_ms FROM ${schema}.partitions p JOIN ${schema}.topics t ` +
      'ON t.name = p.topic WHERE p.next_offset > p.first_offset',
  );
  let pruned = 0;
  for (const { id, retention_ms: retentionMs } of rows) {
    for (let count = PRUNE_ROWS; count === PRUNE_ROWS; pruned += count)
      count = await prunePartition(pool, schema, { id, retentionMs });
  }
  return pruned;
};

/** The oldest messages go first, so that what is left has no gap. */
const prunePartition = async (
  pool: Pool,
  schema: string,
  { id, retentionMs }: { readonly id: number; readonly retentionMs: string },
): Promise<number> => {
  const { rows } = await pool.query<{ count: string }>(
    `WITH oldest AS (
        SELECT "offset", bool_and(sent_at < now() - $2 * interval '1 millisecond') OVER (ORDER BY "offset")
        AND "offset" < coalesce((SELECT min(o."offset") FROM ${schema}.offsets o
          WHERE o.partition_id = $1), "offset" + 1) AS is_old
        FROM ${schema}.messages WHERE partition_id = $1 ORDER BY "offset" LIMIT ${PRUNE_ROWS}
      ), gone AS (
        DELETE FROM ${schema}.messages m USING oldest o WHERE m.partition_id = $1 AND m."offset"
        = o."offset" AND o.is_old RETURNING m."offset"
      ), moved AS (
        UPDATE ${schema}.partitions SET first_offset = (SELECT max("offset") + 1 FROM gone) WHERE
        id = $1 AND EXISTS (SELECT FROM gone)
      )
      SELECT count(*) FROM gone`,
    [id, retentionMs],
  );
  return Number(rows[0]!.count);
};

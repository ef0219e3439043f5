import type { Committed, Offset } from '@caretab/bus';
import type { Pool } from 'pg';

type CommittedRow = Pick<Committed, 'topic' | 'partition'> &
  Readonly<Record<'offset' | 'first' | 'end', string>>;

/** What a group has committed, of every partition of the topics. */
export const committedOf = async (
  pool: Pool,
  schema: string,
  { group, topics }: { readonly group: string; readonly topics: readonly string[] },
): Promise<readonly Committed[]> => {
  const { rows } = await pool.query<CommittedRow>(
    `SELECT p.topic, p.partition, p.first_offset AS first, p.next_offset AS "end",
      greatest(coalesce(o."offset", 0), p.first_offset) AS "offset"
    FROM ${schema}.partitions p LEFT JOIN ${schema}.offsets o ON o.partition_id = p.id AND
    o.group_name = $1 WHERE p.topic = ANY ($2) ORDER BY p.topic, p.partition`,
    [group, topics],
  );
  return rows.map((row) => ({
    ...row,
    offset: BigInt(row.offset),
    first: BigInt(row.first),
    end: BigInt(row.end),
  }));
};

/** Sets a group's offsets; what their owners commit from now on does not count. */
export const rewind = async (
  pool: Pool,
  schema: string,
  { group, to }: { readonly group: string; readonly to: readonly Offset[] },
): Promise<void> => {
  await pool.query(
    `UPDATE ${schema}.offsets o SET "offset" = t."offset", owner = NULL, generation = generation + 1
    FROM ${schema}.partitions p JOIN unnest($2::text[], $3::int[], $4::bigint[])
      AS t (topic, partition, "offset") USING (topic, partition)
    WHERE o.group_name = $1 AND o.partition_id = p.id`,
    [
      group,
      to.map(({ topic }) => topic),
      to.map(({ partition }) => partition),
      to.map(({ offset }) => String(offset)),
    ],
  );
};

import { assert } from '@caretab/kernel';
import type { Pool } from 'pg';
import type { ReceivedMessage } from '@caretab/bus';

export interface ReadFrom {
  readonly place: { readonly id: number; readonly topic: string; readonly partition: number };
  readonly from: bigint;
}

interface Row {
  readonly partition_id: number;
  readonly offset: string;
  readonly key: string;
  readonly headers: string;
  readonly value: string;
}

/** Reads pages of several partitions in one query. */
export class PgReader {
  private readonly statement: { readonly name: string; readonly text: string };

  constructor(
    private readonly pool: Pool,
    schema: string,
  ) {
    this.statement = {
      name: `read-${schema}`,
      text: `SELECT m.partition_id, m."offset", m.key, m.headers, m.value
        FROM unnest($1::int[], $2::bigint[]) AS f (partition_id, after)
        CROSS JOIN LATERAL (
          SELECT * FROM ${schema}.messages p WHERE p.partition_id = f.partition_id AND p."offset"
          >= f.after ORDER BY p."offset" LIMIT $3
        ) m
        ORDER BY m.partition_id, m."offset"`,
    };
  }

  /**
   * Pages by partition id, each in offset order and at most `countMax` long. A page may begin later
   * than asked for, when older messages were pruned.
   */
  async read(
    wanted: readonly ReadFrom[],
    countMax: number,
  ): Promise<Map<number, ReceivedMessage[]>> {
    const places = new Map(wanted.map(({ place }) => [place.id, place]));
    const values = [
      wanted.map(({ place }) => place.id),
      wanted.map(({ from }) => String(from)),
      countMax,
    ];
    const { rows } = await this.pool.query<Row>({ ...this.statement, values });
    const pages = new Map<number, ReceivedMessage[]>();
    for (const row of rows) {
      const { topic, partition } = places.get(row.partition_id)!;
      const page = pages.get(row.partition_id) ?? [];
      const offset = BigInt(row.offset);
      assert(
        page.length === 0 || page.at(-1)!.offset + 1n === offset,
        'offsets of a partition have no gaps',
      );
      page.push({
        topic,
        partition,
        offset,
        key: row.key,
        value: row.value,
        headers: JSON.parse(row.headers) as Record<string, string>,
      });
      pages.set(row.partition_id, page);
    }
    return pages;
  }
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { int4Array, textArray } from '@caretab/kernel';
import type { Pool } from 'pg';

export interface LogRow {
  readonly partitionId: number;
  readonly key: string;
  readonly headers: string;
  readonly value: string;
}

interface Chunk {
  readonly rows: readonly LogRow[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const BATCH_ROWS_MAX = 500;
const BATCH_BYTES_MAX = 1024 * 1024;
/** Two writes overlap the one's round trip with the other's flush; more gain nothing. */
const IN_FLIGHT_MAX = 2;
/** How far a write looks past chunks that must wait for their partition. */
const LOOK_AHEAD_MAX = 1000;

/**
 * Gathers concurrent sends into few writes: a lone send goes at once, and what queues meanwhile
 * goes together. A partition is in one write at a time and chunks that share a partition keep their
 * order, so that the messages of a key do.
 */
export class PgWriter {
  private queue: Chunk[] = [];
  private readonly busyPartitions = new Set<number>();
  private inFlight = 0;
  /** What is written for many is no part of the trace of the one who happened to come first. */
  private readonly outside = AsyncLocalStorage.snapshot();
  private readonly statement: { readonly name: string; readonly text: string };

  constructor(
    private readonly pool: Pool,
    schema: string,
    private readonly onWritten: (partitionIds: readonly number[]) => void,
  ) {
    this.statement = {
      name: `append-${schema}`,
      text: `SELECT ${schema}.append($1::int[], $2::int[], $3::text[], $4::text[], $5::text[])`,
    };
  }

  /** Resolves when all rows are committed; rejects when that is not certain. */
  async write(rows: readonly LogRow[]): Promise<void> {
    const chunks = split(rows).map(
      ({ rows: part, bytes }) =>
        new Promise<void>((resolve, reject) =>
          this.queue.push({ rows: part, bytes, resolve, reject }),
        ),
    );
    this.flush();
    await Promise.all(chunks);
  }

  private flush(): void {
    while (this.inFlight < IN_FLIGHT_MAX && this.queue.length > 0) {
      const batch = this.take();
      if (batch.length === 0) return;
      void this.outside(() => this.commit(batch));
    }
  }

  /**
   * The chunks that can go now, in order; whatever shares a partition with one that must wait,
   * waits behind it.
   */
  private take(): Chunk[] {
    const blocked = new Set(this.busyPartitions);
    const taken: Chunk[] = [];
    const left: Chunk[] = [];
    let rowsLeft = BATCH_ROWS_MAX;
    let bytesLeft = BATCH_BYTES_MAX;
    let looked = 0;
    for (const chunk of this.queue) {
      const fits =
        taken.length === 0 || (chunk.rows.length <= rowsLeft && chunk.bytes <= bytesLeft);
      if (
        (looked += 1) <= LOOK_AHEAD_MAX &&
        fits &&
        !chunk.rows.some(({ partitionId }) => blocked.has(partitionId))
      ) {
        taken.push(chunk);
        rowsLeft -= chunk.rows.length;
        bytesLeft -= chunk.bytes;
      } else {
        left.push(chunk);
        for (const { partitionId } of chunk.rows) blocked.add(partitionId);
      }
    }
    this.queue = left;
    return taken;
  }

  private async commit(batch: readonly Chunk[]): Promise<void> {
    const rows = batch.flatMap((chunk) => chunk.rows);
    const partitionIds = [...new Set(rows.map(({ partitionId }) => partitionId))];
    for (const id of partitionIds) this.busyPartitions.add(id);
    this.inFlight += 1;
    try {
      await this.pool.query({ ...this.statement, values: parameters(rows) });
      for (const chunk of batch) chunk.resolve();
      this.onWritten(partitionIds);
    } catch (error) {
      for (const chunk of batch) chunk.reject(error);
    } finally {
      this.inFlight -= 1;
      for (const id of partitionIds) this.busyPartitions.delete(id);
      this.flush();
    }
  }
}

const parameters = (rows: readonly LogRow[]): Buffer[] => {
  const counts = new Map<number, number>();
  const ordinals = rows.map(({ partitionId }) => {
    const ordinal = counts.get(partitionId) ?? 0;
    counts.set(partitionId, ordinal + 1);
    return ordinal;
  });
  return [
    int4Array(rows.map((row) => row.partitionId)),
    int4Array(ordinals),
    textArray(rows.map((row) => row.key)),
    textArray(rows.map((row) => row.headers)),
    textArray(rows.map((row) => row.value)),
  ];
};

const split = (rows: readonly LogRow[]): { readonly rows: LogRow[]; readonly bytes: number }[] => {
  const chunks: { rows: LogRow[]; bytes: number }[] = [];
  for (const row of rows) {
    const bytes = row.key.length + row.headers.length + row.value.length;
    const last = chunks.at(-1);
    if (last && last.rows.length < BATCH_ROWS_MAX && last.bytes + bytes <= BATCH_BYTES_MAX) {
      last.rows.push(row);
      last.bytes += bytes;
    } else chunks.push({ rows: [row], bytes });
  }
  return chunks;
};

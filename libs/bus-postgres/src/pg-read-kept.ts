import type { ReceivedMessage } from '@caretab/bus';
import type { Pool } from 'pg';
import type { PgPartition } from './pg-consumer';
import { committedOf } from './pg-offsets';
import { PgReader } from './pg-reader';

export type Kept = (messages: readonly ReceivedMessage[]) => Promise<void>;

const PAGE_MESSAGES = 500;
/** A group that no one is in: what is asked of it are the ends of partitions. */
const NO_GROUP = '';

/** Reads what partitions hold, each up to its end as it was at the beginning. */
export const readKept = async (
  { pool, schema }: { readonly pool: Pool; readonly schema: string },
  partitions: readonly PgPartition[],
  handle: Kept,
): Promise<void> => {
  const reader = new PgReader(pool, schema);
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  for (const { topic, partition, first, end } of await committedOf(pool, schema, {
    ...{ group: NO_GROUP, topics },
  })) {
    const place = partitions.find((one) => one.topic === topic && one.partition === partition)!;
    for (let from = first; from < end;) {
      const pages = await reader.read([{ place, from }], PAGE_MESSAGES);
      const messages = (pages.get(place.id) ?? []).filter(({ offset }) => offset < end);
      // The rest was pruned meanwhile.
      if (messages.length === 0) break;
      await handle(messages);
      from = messages.at(-1)!.offset + 1n;
    }
  }
};

import type { Store, Transaction } from '@caretab/store';
import type { BatchHandler } from './bus';
import { type ParkedRow, parkedTable } from './parked.table';

type Batch = Parameters<BatchHandler>[0];

/**
 * How long a message that holds its key is tried again without an operator: every few seconds, and
 * later every ten minutes, longer than an outage that no list names.
 */
const RETRIED_MS = 24 * 3_600_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 10 * 60_000;

/** When a message that holds its key is tried next, doubling; null once the time is over. */
export const nextRetryOf = (
  { parkedAt, attempts }: Pick<ParkedRow, 'parkedAt' | 'attempts'>,
  now: Date,
): Date | null => {
  if (now.getTime() - parkedAt.getTime() >= RETRIED_MS) return null;
  const delayMs = Math.min(RETRY_FIRST_MS * 2 ** Math.min(attempts, 10), RETRY_LAST_MS);
  return new Date(now.getTime() + delayMs);
};

/** What held its key is settled: the message behind it is due. */
export const retryNext = async (
  transaction: Transaction,
  { id, groupName, topic, key, holds }: ParkedRow,
  now: Date,
): Promise<void> => {
  if (!holds) return;
  const rows = transaction.rows(parkedTable);
  const where = { groupName, topic, key, status: 'parked' as const, holds: true };
  // In this transaction the row itself may still be found.
  const found = await rows.find(where, { orderBy: 'offsetNo', countMax: 2 });
  const next = found.find((row) => row.id !== id);
  if (next) await rows.save({ ...next, retryAt: now });
};

/**
 * The keys of a partition whose next message is parked. They are read once for each assignment of
 * the partition, because only its holder adds to them; an operator on another replica may release
 * one, so that a key that seems held is looked up again.
 */
export class HeldKeys {
  private readonly byAssignment = new WeakMap<AbortSignal, Set<string>>();

  /** Of the keys of this batch, those that are held. */
  async among(
    { store, group }: { readonly store: Store; readonly group: string },
    { topic, partition, signal, messages }: Batch,
  ): Promise<ReadonlySet<string>> {
    const place = { groupName: group, topic, partition };
    let known = this.byAssignment.get(signal);
    if (!known) {
      known = await this.read(store, place);
      this.byAssignment.set(signal, known);
    }
    const here = new Set(messages.map(({ key }) => key).filter((key) => known.has(key)));
    if (here.size === 0) return here;
    const still = await this.read(store, { ...place, key: { in: [...here] } });
    for (const key of here) if (!still.has(key)) known.delete(key);
    return still;
  }

  /** A key is held from now on. */
  hold({ signal }: Batch, key: string): void {
    this.byAssignment.get(signal)?.add(key);
  }

  private async read(
    store: Store,
    where: Pick<ParkedRow, 'groupName' | 'topic' | 'partition'> & {
      readonly key?: { readonly in: readonly string[] };
    },
  ): Promise<Set<string>> {
    const rows = await store.transact((transaction) =>
      transaction
        .rows(parkedTable)
        .group({ ...where, status: 'parked', holds: true }, { by: ['key'] }),
    );
    return new Set(rows.map(({ values }) => values.key));
  }
}

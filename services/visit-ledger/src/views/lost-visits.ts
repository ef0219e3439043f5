import { AsyncLocalStorage } from 'node:async_hooks';
import type { FaultHandler, RecordedEvent } from '@caretab/event-store';
import { type Store, stream, type Transaction } from '@caretab/store';
import { lostFrom, streamOf, visitIdOf } from '../visit/visit-streams';
import { visitTable } from './visit.table';

export interface BlamedStreams {
  /** Throws EventStoreUnavailable where the log is an older copy. */
  proven(): Promise<void>;
  /** Durable when it resolves. */
  readonly note: FaultHandler;
}

/** Visits whose streams are not whole when the views are rebuilt. */
export class LostVisits {
  /** What stood before a rebuild is read beside its transaction. */
  private readonly outside = AsyncLocalStorage.snapshot();

  constructor(
    private readonly store: Store,
    private readonly streams: BlamedStreams | undefined,
  ) {}

  async proven(): Promise<void> {
    await this.streams?.proven();
  }

  /**
   * Streams whose first event is away: views would take the rest for the whole of a visit. `isHeld`:
   * its row is still to be written.
   */
  async noteHeadless(
    transaction: Transaction,
    page: readonly RecordedEvent[],
    isHeld: (visitId: string) => boolean,
  ): Promise<void> {
    const firsts = new Map<string, number>();
    for (const { stream: name, revision } of page)
      if (!firsts.has(name)) firsts.set(name, revision);
    const visitIds = [...firsts].flatMap(([name, revision]) => {
      const visitId = visitIdOf(name);
      return revision > 0 && name === streamOf(visitId) && !isHeld(visitId) ? [visitId] : [];
    });
    await this.note(await without(transaction, visitIds));
  }

  /**
   * Visits that stood in the views and are not in the log: with their rows it would be forgotten
   * that they ever were. Another transaction still sees what this one has dropped.
   */
  async noteGone(rebuilt: Transaction): Promise<void> {
    if (!this.streams) return;
    await this.outside(() =>
      this.store.transact(async (before) => {
        for await (const rows of stream(before.rows(visitTable), {})) {
          const visitIds = rows.map(({ visitId }) => visitId);
          await this.note(await without(rebuilt, visitIds));
        }
      }),
    );
  }

  private async note(visitIds: readonly string[]): Promise<void> {
    if (visitIds.length > 0)
      await this.streams?.note(visitIds.map((visitId) => lostFrom(streamOf(visitId), 0)));
  }
}

/** Those of the visits that have no row. */
const without = async (
  transaction: Transaction,
  visitIds: readonly string[],
): Promise<readonly string[]> => {
  if (visitIds.length === 0) return [];
  const found = await transaction.rows(visitTable).find({ visitId: { in: visitIds } });
  const there = new Set(found.map(({ visitId }) => visitId));
  return visitIds.filter((visitId) => !there.has(visitId));
};

import type { EventStore, RecordedEvent } from '@caretab/event-store';
import { assert } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { type Checkpoint, checkpointTable } from './checkpoint.table';

/** Readers of the event store. */
export type Reader = 'views' | 'publication';

/** Only a visit's stream is read. */
export const VISIT_STREAMS = { streamPrefix: 'visit-' } as const;
const PENDING_COUNTED_MAX = 100;

/**
 * A checkpoint is of another event store: continuing from it would skip facts, or publish them
 * again. Nothing was changed.
 */
export class CheckpointOfAnotherStore extends Error {
  constructor(reader: Reader, was: string, is: string) {
    super(
      `The checkpoint "${reader}" was made with the event store ${was}, but the ` +
        `service is set to ${is}. Start it with the store it was made with, or move ` +
        'the ledger (docs/runbooks/move-ledger.md).',
    );
    this.name = 'CheckpointOfAnotherStore';
  }
}

/** As before, of a log of the same name that ends before the checkpoint. */
export class LogBehindCheckpoint extends CheckpointOfAnotherStore {
  constructor(
    reader: Reader,
    storeId: string,
    { position, head }: Record<'position' | 'head', bigint>,
  ) {
    super(reader, storeId, storeId);
    this.message =
      `The checkpoint "${reader}" stands at position ${position} of the event store ${storeId}, whose ` +
      `events end at ${head}: it is an older copy of the log, or another log under its name. Bring ` +
      'the newest back, or follow docs/runbooks/log-restored.md.';
  }
}

/** The last event that a reader has handled, and an earlier position from which it is read again. */
export interface Place {
  readonly position: bigint;
  readonly eventId: string;
  readonly before: bigint;
}

/** Where a reader stands after events that follow a position. */
export const placeAfter = (events: readonly RecordedEvent[], done: bigint): Place => {
  const { position, id: eventId } = events.at(-1)!;
  return { position, eventId, before: events.at(-2)?.position ?? done };
};

/** The columns of a checkpoint at a place; without one nothing was read. */
export const placed = (place: Place | undefined, storeId: string) => ({
  position: (place?.position ?? 0n).toString(),
  store: storeId,
  eventId: place?.eventId ?? null,
  before: place?.before.toString() ?? null,
});

/**
 * How far one reader has come in one event store. A checkpoint at 0 has read nothing and belongs to
 * no store.
 */
export class Checkpoints {
  constructor(
    readonly reader: Reader,
    private readonly storeId: string,
  ) {}

  /**
   * Where to go on. Throws CheckpointOfAnotherStore, also when the log ends before it: then it is
   * another log, or an older copy of this one.
   */
  async resume(store: Store, events: EventStore): Promise<bigint> {
    const position = await store.transact((transaction) => this.read(transaction));
    const head = position === 0n ? position : await events.head();
    this.assertReaches(position, head);
    return position;
  }

  /** Throws CheckpointOfAnotherStore for a log that ends before a position. */
  assertReaches(position: bigint, head: bigint): void {
    if (head < position)
      throw new LogBehindCheckpoint(this.reader, this.storeId, { position, head });
  }

  /** With `wait` no process commits for this reader until the transaction ends. */
  async read(transaction: Transaction, lock?: 'wait'): Promise<bigint> {
    return this.positionIn(await this.row(transaction, lock));
  }

  async row(transaction: Transaction, lock?: 'wait'): Promise<Checkpoint> {
    const row = await transaction
      .rows(checkpointTable)
      .get({ name: this.reader }, lock ? { lock } : {});
    assert(row, 'the migrations inserted the row of each reader: one that is absent locks nothing');
    return row;
  }

  /** Throws CheckpointOfAnotherStore. */
  positionIn(row: Checkpoint): bigint {
    if (row.position === '0') return 0n;
    if (row.store !== this.storeId)
      throw new CheckpointOfAnotherStore(this.reader, row.store ?? 'unknown', this.storeId);
    return BigInt(row.position);
  }

  /** What the leader remembers is so no more: it begins again, with another epoch. */
  async depose(transaction: Transaction): Promise<void> {
    const row = await this.row(transaction, 'wait');
    await transaction.rows(checkpointTable).save({ ...row, owner: null, epoch: row.epoch + 1 });
  }

  /** Sets the reader to a place; without one nothing was read. Deposes who leads. */
  async move(transaction: Transaction, place: Place | undefined): Promise<void> {
    await this.depose(transaction);
    const row = await this.row(transaction, 'wait');
    await transaction.rows(checkpointTable).save({ ...row, ...placed(place, this.storeId) });
  }
}

/**
 * Facts after a position, counted up to 100. Asked often and mostly at rest: then it is one look at
 * the end of the log.
 */
export const pendingAfter = async (
  events: Pick<EventStore, 'head' | 'readAll'>,
  position: bigint,
): Promise<number> =>
  (await events.head()) <= position
    ? 0
    : (await events.readAll({ after: position, countMax: PENDING_COUNTED_MAX, ...VISIT_STREAMS }))
        .length;

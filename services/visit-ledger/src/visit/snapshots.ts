import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type EventKeys,
  EventSigner,
  type EventStore,
  type StreamEvent,
  StreamFaulty,
} from '@caretab/event-store';
import {
  type Clock,
  GroupCommit,
  type GroupCommitLimits,
  type OutageLog,
  Outages,
  type Timers,
} from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { bytesOf, isOver, type KeptVisit } from './kept-visit';
import { isSealed, sealed, type SnapshotRow, snapshotTable } from './snapshot.table';
import { STREAM_RETIRED } from './visit-streams';
import { DECIDER_VERSION, stateOf, textOf } from './visit-text';

/** Rows that are asked for together come by one statement. */
const LIMITS: GroupCommitLimits = {
  batchEventsMax: 100,
  batchBytesMax: Number.MAX_SAFE_INTEGER,
  inFlightMax: 2,
  queueMax: 20_000,
};
/** What is to be written comes together for so long. */
const GATHERED_MS = 100;
/** Rows of one transaction: to write a long stay down takes most of a millisecond. */
const WRITTEN_MAX = 8;
/** Visits that wait to be written down; what comes beyond is left out. */
const WAITING_BYTES_MAX = 8 * 1024 * 1024;
const KEPT_MS = 7 * 24 * 3_600_000;

/** A visit as a snapshot has it, and the events of its stream behind. */
export interface Begun {
  readonly visit: KeptVisit;
  readonly events: readonly StreamEvent[];
}

interface Taken {
  readonly visit: KeptVisit;
  readonly revision: number;
  readonly hash: string;
  readonly bytes: number;
}

const hexOf = ({ hash }: StreamEvent): string => Buffer.from(hash).toString('hex');

/**
 * States of long visits beside the log, so that one that is not in memory is read from there on
 * (docs/adr/0049-snapshots-of-visits.md). Without any row everything is as it is, but slower: what
 * fails here is reported, and no command waits for it or learns of it.
 */
export class Snapshots {
  private readonly signer: EventSigner;
  private readonly outages: Outages;
  /** By stream; undefined: its row is to go. */
  private readonly waiting = new Map<string, Taken | undefined>();
  private waitingBytes = 0;
  private writing: Promise<void> | undefined;
  private isClosed = false;
  /** What is written is no part of the command that was there first. */
  private readonly outside = AsyncLocalStorage.snapshot();
  private readonly rows: GroupCommit<
    { readonly lane: string; readonly events: 1; readonly bytes: 0 },
    SnapshotRow | undefined
  >;

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly timers: Timers;
      readonly logger: OutageLog;
      readonly keys: EventKeys;
      /** A read of at least so many events is worth a snapshot. */
      readonly eventsMin: number;
    },
  ) {
    this.signer = new EventSigner(parts.keys);
    this.outages = new Outages(parts.logger, { what: 'snapshots of visits' });
    this.rows = new GroupCommit(
      LIMITS,
      (batch) => this.read(batch.map(({ lane }) => lane)),
      () => new Error(`${LIMITS.queueMax} reads of snapshots are waiting`),
      queueMicrotask,
    );
  }

  /**
   * Undefined where the stream has to be read whole: without a snapshot that fits it, and for all
   * that is out of the ordinary in what is behind.
   */
  async begin(events: Pick<EventStore, 'readStream'>, stream: string): Promise<Begun | undefined> {
    const row = await this.find(stream);
    if (!row) return undefined;
    try {
      const { revision } = row;
      const [there, ...behind] = await events.readStream(stream, { fromRevision: revision });
      if (!there || hexOf(there) !== row.hash) return undefined;
      if (behind.at(-1)?.type === STREAM_RETIRED) return undefined;
      const visit = { stream, revision, ...stateOf(row.state), hasSnapshot: true };
      return { visit, events: behind };
    } catch (error) {
      if (!(error instanceof StreamFaulty)) throw error;
      return undefined;
    }
  }

  /** Of a visit as it was just read, by these events. Returns whether one will be written. */
  take(visit: KeptVisit, events: readonly StreamEvent[]): boolean {
    const last = events.at(-1);
    if (!last || events.length < this.parts.eventsMin || isOver(visit.state)) return false;
    const bytes = bytesOf(visit);
    if (this.waitingBytes + bytes > WAITING_BYTES_MAX) return false;
    // The visit's own go on to grow.
    const causes = new Set(visit.causes);
    this.wait(visit.stream, {
      ...{ visit: { ...visit, causes }, bytes },
      ...{ revision: last.revision, hash: hexOf(last) },
    });
    return true;
  }

  drop(stream: string): void {
    this.wait(stream, undefined);
  }

  /** Deletes what has become old. Returns 0: a job that waits for its interval. */
  async prune(): Promise<0> {
    const { store, clock } = this.parts;
    const before = new Date(clock.now().getTime() - KEPT_MS);
    await store.transact((transaction) =>
      transaction.rows(snapshotTable).delete({ takenAt: { lte: before } }),
    );
    return 0;
  }

  /** Resolves when nothing is being written; what waits is left out. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.writing;
  }

  private async find(stream: string): Promise<SnapshotRow | undefined> {
    try {
      const row = await this.rows.add({ lane: stream, events: 1, bytes: 0 });
      this.outages.worked('reading');
      return row?.decider === DECIDER_VERSION && isSealed(row, this.signer) ? row : undefined;
    } catch (err) {
      this.outages.failed('reading', { doing: 'reading', err });
      return undefined;
    }
  }

  private async read(streams: readonly string[]) {
    const found = await this.parts.store.transact((transaction) =>
      transaction.rows(snapshotTable).find({ stream: { in: streams } }),
    );
    const byStream = new Map(found.map((row) => [row.stream, row]));
    return streams.map((stream) => ({ answer: byStream.get(stream) }));
  }

  private wait(stream: string, taken: Taken | undefined): void {
    this.waitingBytes += (taken?.bytes ?? 0) - (this.waiting.get(stream)?.bytes ?? 0);
    this.waiting.set(stream, taken);
    this.writing ??= this.outside(() => this.writeAll());
  }

  private async writeAll(): Promise<void> {
    try {
      await this.parts.timers.sleep(GATHERED_MS);
      while (this.waiting.size > 0 && !this.isClosed) await this.write();
      this.outages.worked('writing');
    } catch (err) {
      this.outages.failed('writing', { doing: 'writing', err });
    } finally {
      this.waiting.clear();
      this.waitingBytes = 0;
      this.writing = undefined;
    }
  }

  private async write(): Promise<void> {
    const batch = [...this.waiting].slice(0, WRITTEN_MAX);
    for (const [stream, taken] of batch) {
      this.waiting.delete(stream);
      this.waitingBytes -= taken?.bytes ?? 0;
    }
    const takenAt = this.parts.clock.now();
    const rows = batch.flatMap(([stream, taken]) => {
      if (!taken) return [];
      const { revision, hash, visit } = taken;
      const content = { stream, decider: DECIDER_VERSION, revision, hash, takenAt };
      return [sealed({ ...content, state: textOf(visit) }, this.signer)];
    });
    const gone = batch.flatMap(([stream, taken]) => (taken ? [] : [stream]));
    await this.parts.store.transact(
      async (transaction) => {
        const table = transaction.rows(snapshotTable);
        if (rows.length > 0) await table.save(...rows);
        if (gone.length > 0) await table.delete({ stream: { in: gone } });
      },
      { commit: 'asynchronous' },
    );
  }
}

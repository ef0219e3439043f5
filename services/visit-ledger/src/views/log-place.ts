import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type EventStore,
  EventStoreUnavailable,
  type RecordedEvent,
  type StreamFault,
  StreamFaulty,
} from '@caretab/event-store';
import type { Degradation } from '@caretab/host';
import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { checkpointTable } from './checkpoint.table';
import { VISIT_STREAMS } from './checkpoints';

/** So long a log that ends before what was read of it may be a new leader's or standby's lag. */
export const LAG_MS_MAX = 30_000;

type Place = Pick<RecordedEvent, 'stream' | 'revision' | 'id' | 'position'>;

interface Lost {
  readonly since: Date;
  readonly why: string;
}

/**
 * Proves that the log still is the one that readers follow: the event at each checkpoint is where it
 * was read, and so is the newest that commands of this process read or wrote. A log that was
 * replaced by an older copy takes new events at places that readers have passed, which would then
 * never be published. Until the place is proven again, nothing is written.
 */
export class LogPlace {
  private lost: Lost | undefined;
  private isReported = false;
  /** At the highest position that commands of this process read or wrote; followers may be behind. */
  private newest: Place | undefined;
  /** The proof that is under way, and the one that begins after it. */
  private current: Promise<unknown> = Promise.resolve();
  private next: Promise<void> | undefined;
  /** A proof is many callers': it takes no transaction of one of them along. */
  private readonly outside = AsyncLocalStorage.snapshot();

  constructor(
    private readonly parts: {
      readonly events: Pick<EventStore, 'head' | 'readAll' | 'readStream' | 'forget'>;
      readonly store: Store;
      readonly clock: Clock;
      readonly logger: {
        error(facts: object, text: string): void;
        info(facts: object, text: string): void;
      };
      /** What is remembered of visits is of no use any more. */
      readonly onLost: () => void;
    },
  ) {}

  /** One proof. Returns 0: a job that waits for its interval. */
  async runOnce(): Promise<0> {
    const { events, clock, logger, onLost } = this.parts;
    const why = (await this.whyBehindReaders()) ?? (await this.whyBehindCommands());
    if (why !== undefined) {
      if (!this.lost) {
        events.forget();
        onLost();
      }
      this.lost ??= { since: clock.now(), why };
      this.report();
      return 0;
    }
    if (this.lost && this.isReported) logger.info({}, 'the log is that of the readers again');
    this.lost = undefined;
    this.isReported = false;
    return 0;
  }

  /** Of events that a command read, or has written. */
  note(place: Place | undefined): void {
    if (place && place.position > (this.newest?.position ?? 0n)) {
      const { stream, revision, id, position } = place;
      this.newest = { stream, revision, id, position };
    }
  }

  /**
   * Proves it by a proof that begins after the call; all that ask while one is under way share the
   * next. Throws EventStoreUnavailable where the log is another one.
   */
  prove(): Promise<void> {
    this.next ??= this.outside(() => this.afterCurrent());
    return this.next;
  }

  private async afterCurrent(): Promise<void> {
    await this.current.catch(() => undefined);
    this.next = undefined;
    this.current = this.runOnce();
    await this.current;
    this.assertProven();
  }

  /** Throws EventStoreUnavailable while the place is not proven. */
  assertProven(): void {
    if (this.lost) throw new EventStoreUnavailable(this.lost.why);
  }

  degradations(): readonly Degradation[] {
    if (!this.lost || !this.isReported) return [];
    const { since, why } = this.lost;
    return [{ what: 'the log of visits', why: `${why} (docs/runbooks/log-restored.md)`, since }];
  }

  /** A lag is no fault yet. */
  private report(): void {
    const { clock, logger } = this.parts;
    const { since, why } = this.lost!;
    if (this.isReported || clock.now().getTime() - since.getTime() < LAG_MS_MAX) return;
    this.isReported = true;
    logger.error({ why }, 'the log is not the one that was read, commands wait');
  }

  private async whyBehindReaders(): Promise<string | undefined> {
    const rows = await this.parts.store.transact((transaction) =>
      transaction.rows(checkpointTable).find({}),
    );
    for (const { name, position, eventId, before } of rows) {
      if (eventId === null || before === null) continue;
      const place = { position: BigInt(position), eventId, before: BigInt(before) };
      const why = await this.whyLost(name, place);
      if (why !== undefined) return why;
    }
    return undefined;
  }

  /** Where the log goes on beyond, that event alone was taken away: a fault of its stream. */
  private async whyBehindCommands(): Promise<string | undefined> {
    const { newest } = this;
    if (!newest || (await this.isThere(newest))) return undefined;
    const head = await this.parts.events.head();
    if (head < newest.position)
      return `the log ends at ${head}, but commands have read or written up to ${newest.position}`;
    if (this.newest === newest) this.newest = undefined;
    return undefined;
  }

  private async isThere({ stream, revision, id }: Place): Promise<boolean> {
    const at = { fromRevision: revision, countMax: 1 };
    try {
      const [there] = await this.parts.events.readStream(stream, at);
      return there?.id === id;
    } catch (error) {
      if (!(error instanceof StreamFaulty)) throw error;
      return false;
    }
  }

  private async whyLost(
    reader: string,
    { position, eventId, before }: { position: bigint; eventId: string; before: bigint },
  ): Promise<string | undefined> {
    const { events } = this.parts;
    const faults: StreamFault[] = [];
    const onFaults = async (found: readonly StreamFault[]): Promise<void> =>
      void faults.push(...found);
    const [there] = await events.readAll({
      ...{ after: before, countMax: 1, onFaults },
      ...VISIT_STREAMS,
    });
    const isThere = there?.position === position && there.id === eventId;
    // An event that was altered is a fault of its stream, and at its place.
    if (isThere || faults.some((fault) => fault.position === position)) return undefined;
    const head = await events.head();
    return head < position
      ? `the log ends at ${head}, but ${reader} has read up to ${position}`
      : `another event than ${reader} has read is at ${position}`;
  }
}

/**
 * The event store as commands use it: nothing is written, or decided, on a log that is not proven.
 * The store itself writes nothing on an older copy than what it wrote last: before the first append
 * of a process, the place of its readers is proven.
 */
export const onProvenLog = <Events extends Pick<EventStore, 'append' | 'readStream'>>(
  events: Events,
  place: Pick<LogPlace, 'assertProven' | 'prove' | 'note'>,
): Pick<EventStore, 'append' | 'readStream'> => {
  let hasWritten = false;
  return {
    append: async (stream, appended, expected) => {
      if (hasWritten) place.assertProven();
      else await place.prove();
      const result = await events.append(stream, appended, expected);
      hasWritten = true;
      place.note({ stream, id: appended.at(-1)!.id, ...result });
      return result;
    },
    readStream: async (...read) => {
      place.assertProven();
      const found = await events.readStream(...read);
      place.note(found.at(-1));
      return found;
    },
  };
};

import { assert, type Clock, type Outages, systemTimers, type Timers } from '@caretab/kernel';
import {
  type AuditOptions,
  type AuditReport,
  type AuditTrail,
  ChainAudit,
  type KnownFaults,
  type LogAuditReport,
  logReport,
  OrderAudit,
} from './audit';
import { chainHash, contentDigest, GENESIS } from './chain';
import { EventIdTaken, EventStoreUnavailable } from './errors';
import { readEventKeys } from './event-keys';
import {
  type AppendResult,
  type EventBatchHandler,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type ReadAllOptions,
  type RecordedEvent,
  type StreamEvent,
  type SubscribeOptions,
  type Subscription,
  WrongExpectedRevision,
} from './event-store';
import { serialise, type SerialisedEvent } from './limits';
import { MemoryLog } from './memory-log';
import { type ChainedEvent, oursOf, readOurs, wholeStream } from './recorded';
import { type EventKeys, EventSigner, KEY_BYTES } from './signature';
import { StreamFaulty } from './stream-fault';
import { PagedSubscription } from './subscription';
import {
  placeOf,
  stillToImport,
  type Tail,
  type Transferable,
  type TransferredEvent,
} from './transfer';

/** The twin wakes its readers itself, so this only has to be there. */
const POLL_MS = 60_000;
const BATCH_SIZE_MAX = 500;

/**
 * For tests to which the time of recording means nothing; PostgreSQL, too, takes it from its
 * machine.
 */
// eslint-disable-next-line no-restricted-syntax
const machineClock: Clock = { now: () => new Date() };

/** For twins and tests alone: a published key protects nothing. */
export const TWIN_KEYS_TEXT = JSON.stringify({
  current: 'twin',
  keys: { twin: Buffer.alloc(KEY_BYTES, 'twin').toString('base64') },
  signedAfter: '0',
});
export const TWIN_KEYS: EventKeys = readEventKeys(TWIN_KEYS_TEXT);

export interface MemoryEventStoreOptions {
  /** The log of another twin, seen with other keys; the clock, too, is its own. */
  readonly logOf?: MemoryEventStore;
  /** Default: TWIN_KEYS. */
  readonly keys?: EventKeys;
  /** Has the owner's right, which is never taken away. */
  readonly asOwner?: boolean;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly outages?: Outages | undefined;
}

/**
 * The in-memory twin: remembers texts as the real stores do, so a read returns what JSON kept, and
 * no caller shares an object with the log.
 */
export class MemoryEventStore implements EventStore, AuditTrail, Transferable {
  readonly positions = 'gapless';
  readonly log: MemoryLog;
  private readonly subscriptions = new Set<PagedSubscription>();
  private isClosed = false;
  /** The event at the highest position that this twin has written. */
  private last: ChainedEvent | undefined;

  private readonly clock: Clock;
  private readonly signer: EventSigner;

  constructor(private readonly options: MemoryEventStoreOptions = {}) {
    const { logOf, clock = machineClock } = options;
    this.clock = clock;
    this.log = logOf?.log ?? new MemoryLog();
    this.signer = new EventSigner(options.keys ?? TWIN_KEYS);
  }

  /** How many events there are: whether there is anything new to look at. */
  get count(): number {
    return this.log.events.length;
  }

  async append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    this.assertOpen();
    const serialised = serialise(stream, events, expected);
    this.provePlace();
    const recorded = this.log.stream(stream);
    if (recorded[0] && recorded[0].revision > 0) throw truncatedFrom(recorded[0]);
    const first = answerBefore(stream, recorded, serialised, expected);
    if (first) return first;
    const head = recorded.at(-1)?.revision ?? 'none';
    if (expected !== head) throw new WrongExpectedRevision(stream, expected, head);
    if (serialised.some(({ id }) => recorded.some((event) => event.id === id)))
      throw new EventIdTaken(stream);
    return this.write(stream, recorded.at(-1), serialised);
  }

  async readStream(
    stream: string,
    options: { readonly fromRevision?: number; readonly countMax?: number } = {},
  ): Promise<StreamEvent[]> {
    this.assertOpen();
    const { fromRevision = 0, countMax = Number.MAX_SAFE_INTEGER } = options;
    const from = Math.max(0, fromRevision);
    const events = this.log.stream(stream).filter(({ revision }) => revision >= from);
    return wholeStream(events.slice(0, countMax), from, this.signer);
  }

  async readAll({
    after,
    countMax,
    streamPrefix,
    onFaults,
  }: ReadAllOptions): Promise<RecordedEvent[]> {
    this.assertOpen();
    return readOurs({ after, countMax, onFaults, signer: this.signer }, async (from, wanted) =>
      this.log.page(from, wanted, streamPrefix),
    );
  }

  subscribe(options: SubscribeOptions, handle: EventBatchHandler): Subscription {
    this.assertOpen();
    const { batchSizeMax = BATCH_SIZE_MAX, streamPrefix, onFaults } = options;
    const subscription = new PagedSubscription({
      after: options.after,
      readPage: async (after) => {
        this.assertAllowed();
        const stored = this.log.page(after, batchSizeMax, streamPrefix);
        const events = await oursOf(stored, this.signer, onFaults);
        return { events, readTo: stored.at(-1)?.position ?? after };
      },
      handle,
      timers: this.options.timers ?? systemTimers,
      breathMs: options.breathMs,
      pollMs: POLL_MS,
      onTurn: options.onTurn,
      outages: this.options.outages,
    });
    this.subscriptions.add(subscription);
    this.log.followers.add(subscription);
    return { stop: () => this.leave(subscription) };
  }

  async head(): Promise<bigint> {
    this.assertOpen();
    return this.log.head;
  }

  /** Nothing is remembered beside the log. */
  forget(): void {}

  async verifyStream(stream: string, each?: (event: ChainedEvent) => void): Promise<AuditReport> {
    const audit = new ChainAudit(this.signer);
    for (const event of this.log.stream(stream)) {
      audit.read(event);
      each?.(event);
    }
    return audit.report();
  }

  async *entries(from: bigint): AsyncGenerator<readonly ChainedEvent[]> {
    this.assertOpen();
    for (let after = from - 1n; ;) {
      const page = this.log.page(after, BATCH_SIZE_MAX);
      if (page.length === 0) return;
      yield page;
      after = page.at(-1)!.position;
    }
  }

  async verifyAll({ until, known, progress }: AuditOptions = {}): Promise<LogAuditReport> {
    const chains = new ChainAudit(this.signer, known);
    for (const name of this.log.names())
      for (const event of this.log.stream(name)) chains.read(event);
    const order = new OrderAudit(this.positions, known);
    for (const event of this.log.events)
      if (until === undefined || event.position <= until) order.read(event);
    progress?.(this.count);
    return logReport(chains, order);
  }

  async *export(): AsyncGenerator<readonly ChainedEvent[]> {
    for (let from = 0; from < this.count; from += BATCH_SIZE_MAX)
      yield this.log.events.slice(from, from + BATCH_SIZE_MAX);
  }

  async import(events: readonly TransferredEvent[], known?: KnownFaults): Promise<void> {
    this.assertOpen();
    const there = new Map<string, Uint8Array>();
    const tails = new Map<string, Tail>();
    for (const { stream, revision } of events) {
      const recorded = this.log.stream(stream);
      if (recorded[revision]) there.set(placeOf({ stream, revision }), recorded[revision].hash);
      if (recorded.length > 0) tails.set(stream, recorded.at(-1)!);
    }
    for (const event of stillToImport(events, there, tails, { known })) this.log.record(event);
    this.log.wake();
  }

  async close(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => this.leave(subscription)));
    this.isClosed = true;
  }

  private leave(subscription: PagedSubscription): Promise<void> {
    this.subscriptions.delete(subscription);
    this.log.followers.delete(subscription);
    return subscription.stop();
  }

  private write(
    stream: string,
    before: ChainedEvent | undefined,
    events: readonly SerialisedEvent[],
  ): AppendResult {
    const recordedAtMs = this.clock.now().getTime();
    let last = before;
    for (const event of events) {
      const content = { stream, ...event };
      const revision = last ? last.revision + 1 : 0;
      const digest = contentDigest(content);
      const hash = chainHash(last?.hash ?? GENESIS, digest, revision, recordedAtMs);
      const signature = this.signer.sign(digest, revision);
      last = this.log.record({ ...content, revision, recordedAtMs, hash, signature });
    }
    this.last = last;
    this.log.wake();
    return answer(last!);
  }

  /** As PostgreSQL's adapter: nothing is written on an older copy than the log written before. */
  private provePlace(): void {
    const { last, log } = this;
    const [there] = last ? log.page(last.position - 1n, 1) : [];
    if (!last || there?.id === last.id) return;
    if (log.head < last.position || there?.position === last.position)
      throw olderCopy(log.head, last.position);
    this.last = undefined;
  }

  private assertOpen(): void {
    assert(!this.isClosed, 'a closed event store is not used');
    this.assertAllowed();
  }

  private assertAllowed(): void {
    if (!this.options.asOwner) this.log.assertAllowed();
  }
}

/** The first answer, when these very events stand where this append would have put them. */
const answerBefore = (
  stream: string,
  recorded: readonly ChainedEvent[],
  events: readonly SerialisedEvent[],
  expected: ExpectedRevision,
): AppendResult | undefined => {
  const place = expected === 'none' ? 0 : expected + 1;
  const isThere = events.every((event, index) => {
    const there = recorded[place + index];
    return (
      there?.id === event.id && contentDigest(there).equals(contentDigest({ stream, ...event }))
    );
  });
  return isThere ? answer(recorded[place + events.length - 1]!) : undefined;
};

const olderCopy = (end: bigint, writtenTo: bigint): EventStoreUnavailable =>
  new EventStoreUnavailable(
    `the log ends at ${end}, and was written up to ${writtenTo}: it is an older copy`,
  );

const truncatedFrom = ({ stream, position }: ChainedEvent): StreamFaulty =>
  new StreamFaulty({ kind: 'truncated', stream, revision: 0, position, digest: '' });

const answer = ({ revision, position }: ChainedEvent): AppendResult => ({ revision, position });

import { assert, systemClock, systemTimers } from '@caretab/kernel';
import type { Clock, Outages, Timers } from '@caretab/kernel';
import { inSpan, type SpanOptions } from '@caretab/telemetry';
import {
  type AppendResult,
  type AuditOptions,
  type AuditReport,
  type AuditTrail,
  type ChainedEvent,
  type EventBatchHandler,
  type EventKeys,
  EventSigner,
  type EventStore,
  type ExpectedRevision,
  isFault,
  isKnownFault,
  type KnownFaults,
  type LogAuditReport,
  logReport,
  MixedChainAudit,
  type NewEvent,
  OrderAudit,
  type OrderedEvent,
  oursOf,
  type Page,
  PagedSubscription,
  type ReadAllOptions,
  readOurs,
  type RecordedEvent,
  serialise,
  StreamFaulty,
  type StreamEvent,
  type SubscribeOptions,
  type Subscription,
  type Transferable,
  type TransferredEvent,
  wholeStream,
} from '@caretab/event-store';
import { EventStoreAppender } from './eventstore-appender';
import { EventStoreConnection } from './eventstore-connection';
import { EventStoreImporter } from './eventstore-importer';
import { EventStoreListener } from './eventstore-listener';
import type { ReadEvent } from './eventstore-messages';
import { EventStoreReader, faultOf, kindOf, ours } from './eventstore-reader';

export interface EventStoreDbOptions {
  /** esdb:// or esdb+discover://, with hosts, TLS and credentials. */
  readonly url: string;
  /** Sign what is written and verify what is read. */
  readonly keys: EventKeys;
  /**
   * What our streams' names on the server start with, so that a server can be shared; default
   * `caretab`. Lower case letters, digits, underscores.
   */
  readonly namespace?: string;
  /** From a call to its refusal when the server does not answer; default 10 s. */
  readonly deadlineMs?: number;
  /** How old the stream of appends grows before it is opened again; default 30 s. */
  readonly reopenAppendsMs?: number;
  readonly clock?: Clock;
  readonly timers?: Timers;
  /** Called when a subscription's handler threw or a read failed; both are retried. */
  readonly outages?: Outages | undefined;
}

const DEADLINE_MS = 10_000;
const POLL_MS = 1_000;
const BATCH_SIZE_MAX = 500;
const NAMESPACE = 'caretab';
/** No stream's name: which visit it is, the caller's span says. */
const SPAN: SpanOptions = { kind: 'client', attributes: { 'db.system': 'eventstoredb' } };

/**
 * Events in EventStoreDB 24, in the streams of one namespace. An event's id, time of recording and
 * hash are in its metadata.
 */
export class EventStoreDb implements EventStore, AuditTrail, Transferable {
  readonly positions = 'growing';
  private readonly connection: EventStoreConnection;
  private readonly reader: EventStoreReader;
  private readonly appender: EventStoreAppender;
  private readonly importer: EventStoreImporter;
  private readonly subscriptions = new Set<PagedSubscription>();
  private readonly timers: Timers;
  private readonly signer: EventSigner;
  private listener: EventStoreListener | undefined;
  private closing: Promise<void> | undefined;
  private isClosed = false;

  constructor(private readonly options: EventStoreDbOptions) {
    const { url, namespace = NAMESPACE, deadlineMs = DEADLINE_MS, clock = systemClock } = options;
    this.timers = options.timers ?? systemTimers;
    this.signer = new EventSigner(options.keys);
    this.connection = new EventStoreConnection(url);
    this.reader = new EventStoreReader(this.connection, namespace, deadlineMs);
    this.appender = new EventStoreAppender(this.connection, this.reader, {
      clock,
      signer: this.signer,
      deadlineMs,
      reopenMs: options.reopenAppendsMs,
      onWritten: () => this.wake(),
    });
    this.importer = new EventStoreImporter(this.connection, this.reader);
  }

  /**
   * Throws WrongExpectedRevision, or EventStoreUnavailable when no answer came before the deadline.
   * The server keeps no list of a stream's ids: an id that the stream holds at another place is not
   * refused here, as PostgreSQL refuses it; the decider's state is what keeps it from happening.
   */
  async append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    this.assertOpen();
    const serialised = serialise(stream, events, expected);
    return inSpan('event-store append', SPAN, () =>
      this.appender.append(stream, serialised, expected),
    );
  }

  async readStream(
    stream: string,
    options: { readonly fromRevision?: number; readonly countMax?: number } = {},
  ): Promise<StreamEvent[]> {
    this.assertOpen();
    const { fromRevision = 0, countMax = Number.MAX_SAFE_INTEGER } = options;
    const from = Math.max(0, fromRevision);
    const events = await inSpan('event-store read', SPAN, () =>
      this.reader.stream(stream, from, countMax),
    );
    // A stream that was deleted softly reads as one that never was.
    const truncation =
      from === 0 && events.length === 0 ? await this.reader.truncation(stream) : undefined;
    if (truncation) throw new StreamFaulty(faultOf(truncation));
    return wholeStream(events, from, this.signer);
  }

  async readAll({ streamPrefix, ...options }: ReadAllOptions): Promise<RecordedEvent[]> {
    this.assertOpen();
    return readOurs({ ...options, signer: this.signer }, (after, wanted) =>
      this.reader.all(after, wanted, streamPrefix),
    );
  }

  subscribe(options: SubscribeOptions, handle: EventBatchHandler): Subscription {
    assert(!this.closing, 'a closed event store is not used');
    this.listener ??= new EventStoreListener(
      this.connection,
      this.reader.namespace,
      this.timers,
      () => this.wake(),
    );
    const subscription = new PagedSubscription({
      after: options.after,
      readPage: (after) => this.page(after, options),
      handle,
      timers: this.timers,
      breathMs: options.breathMs,
      restsBelow: options.batchSizeMax ?? BATCH_SIZE_MAX,
      resting: options.resting,
      elapsedMs: () => performance.now(),
      pollMs: POLL_MS,
      onTurn: options.onTurn,
      outages: this.options.outages,
    });
    this.subscriptions.add(subscription);
    return { stop: () => (this.subscriptions.delete(subscription), subscription.stop()) };
  }

  async head(): Promise<bigint> {
    this.assertOpen();
    return this.reader.head();
  }

  forget(): void {
    this.appender.forget();
  }

  async verifyStream(stream: string, each?: (event: ChainedEvent) => void): Promise<AuditReport> {
    const audit = new MixedChainAudit(this.signer);
    const truncation = await this.reader.truncation(stream);
    if (truncation) examine(truncation, audit);
    for (let from = 0; ;) {
      const page = await this.reader.streamPage(stream, from, BATCH_SIZE_MAX).catch(deleted(audit));
      for (const event of page.flatMap((read) => examine(read, audit) ?? [])) each?.(event);
      if (page.length < BATCH_SIZE_MAX) return audit.report();
      from = page.at(-1)!.revision + 1;
    }
  }

  entries(from: bigint): AsyncIterable<readonly OrderedEvent[]> {
    this.assertOpen();
    return this.reader.entries(from);
  }

  /**
   * Reads the whole namespace once, chains and order together; keeps one hash for every stream in
   * memory. Appends go on meanwhile.
   */
  async verifyAll({ until, known, progress }: AuditOptions = {}): Promise<LogAuditReport> {
    const end = await this.reader.end();
    const chains = new MixedChainAudit(this.signer, known);
    const order = new OrderAudit(this.positions, known);
    const truncations = new Map<string, ReadEvent>();
    for await (const page of this.reader.pages({ until: end })) {
      for (const event of page) {
        if (event.truncates === undefined) {
          const ordered = examine(event, chains);
          if (ordered && (until === undefined || event.position <= until)) order.read(ordered);
        } else if (event.truncates) truncations.set(event.stream, event);
        // What was put back since counts no more.
        else truncations.delete(event.stream);
      }
      progress?.(chains.events);
    }
    for (const truncation of truncations.values()) examine(truncation, chains);
    return logReport(chains, order);
  }

  async *export(known?: KnownFaults): AsyncGenerator<readonly ChainedEvent[]> {
    this.assertOpen();
    for (let after = 0n; ;) {
      const page = await this.reader.all(after, BATCH_SIZE_MAX);
      const wanted = page.filter((one) => !isFault(one) || !isKnownFault(known, one)).map(ours);
      if (wanted.length > 0) yield wanted;
      if (page.length < BATCH_SIZE_MAX) return;
      after = page.at(-1)!.position;
    }
  }

  async import(events: readonly TransferredEvent[], known?: KnownFaults): Promise<void> {
    this.assertOpen();
    await this.importer.import(events, known);
    this.wake();
  }

  /** Awaits running batches and appends, and closes the connection. */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    // Handlers first: the running batch may still append.
    await Promise.all([...this.subscriptions].map((subscription) => subscription.stop()));
    this.isClosed = true;
    await this.appender.close();
    await this.listener?.stop();
    await this.connection.close();
  }

  /**
   * The server's end is read first: everything up to it was scanned, also events of other writers,
   * and a restarted subscription does not scan it again. Both reads ask the leader, so that the
   * second does not see less than the first.
   */
  private async page(
    after: bigint,
    { streamPrefix, batchSizeMax = BATCH_SIZE_MAX, onFaults }: SubscribeOptions,
  ): Promise<Page> {
    const end = await this.reader.end();
    const stored = end <= after ? [] : await this.reader.all(after, batchSizeMax, streamPrefix);
    const events = await oursOf(stored, this.signer, onFaults);
    const last = stored.at(-1)?.position ?? after;
    return { events, readTo: stored.length < batchSizeMax && end > last ? end : last };
  }

  private wake(): void {
    for (const subscription of this.subscriptions) subscription.wake();
  }

  private assertOpen(): void {
    assert(!this.isClosed, 'a closed event store is not used');
  }
}

/** Of a stream that was deleted for good nothing more is read. */
const deleted =
  (audit: MixedChainAudit) =>
  (error: unknown): readonly ReadEvent[] => {
    if (!(error instanceof StreamFaulty)) throw error;
    audit.fault('deleted', error.fault);
    return [];
  };

/**
 * An event of the namespace that does not carry what we write with every event breaks the log, the
 * note of a deletion and metadata that takes events away too.
 */
const examine = (read: ReadEvent, audit: MixedChainAudit): ChainedEvent | undefined => {
  if (read.event) audit.read(read.event);
  else audit.fault(kindOf(read), read);
  return read.event;
};

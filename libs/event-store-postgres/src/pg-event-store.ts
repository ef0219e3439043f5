import { assert, type Outages, systemTimers, type Timers } from '@caretab/kernel';
import type { Pool } from 'pg';
import {
  type AppendResult,
  type AuditOptions,
  type AuditReport,
  type AuditTrail,
  ChainAudit,
  type ChainedEvent,
  type EventBatchHandler,
  type EventKeys,
  EventSigner,
  type EventStore,
  type ExpectedRevision,
  type FaultHandler,
  type KnownFaults,
  type LogAuditReport,
  logReport,
  type NewEvent,
  OrderAudit,
  type OrderedEvent,
  oursOf,
  type Page,
  PagedSubscription,
  type ReadAllOptions,
  readOurs,
  RecentEvents,
  type RecordedEvent,
  serialise,
  type StoredEvent,
  type StreamEvent,
  type SubscribeOptions,
  type Subscription,
  type Transferable,
  type TransferredEvent,
  wholeStream,
} from '@caretab/event-store';
import { PgAppender } from './pg-appender';
import { openPool } from './pg-connections';
import { PgImporter } from './pg-importer';
import { PgListener } from './pg-listener';
import { PgReader } from './pg-reader';
import { assertSchemaName, migrateEventStore } from './pg-schema';

export interface PgEventStoreOptions {
  /**
   * The application's connection, direct or through a pooler that keeps sessions (LISTEN and
   * prepared statements need one). Every connection takes the role that can only read and append.
   */
  readonly url: string;
  /** Schema of the events table, its own per service. */
  readonly schema: string;
  /** Sign what is written and verify what is read. */
  readonly keys: EventKeys;
  /** Connections for reading; writing has two more, subscriptions one more. */
  readonly poolMax?: number;
  /** For `migrate` and `import`, when `url` may not create schemas and roles. */
  readonly ownerUrl?: string;
  /** From the call of append to its refusal when the database does not answer; default 15 s. */
  readonly deadlineMs?: number;
  readonly timers?: Timers;
  /** Called when a subscription's handler threw or a read failed; both are retried. */
  readonly outages?: Outages | undefined;
}

const READERS_MAX = 4;
const WRITERS_MAX = 2;
const APPEND_DEADLINE_MS = 15_000;
const POLL_MS = 500;
const BATCH_SIZE_MAX = 500;
/** What followers share: a second or two of a busy ledger. */
const RECENT = { countMax: 10_000, bytesMax: 8 * 1024 * 1024 };

/**
 * Events in PostgreSQL: appends are grouped, readers have their own connections, and no client can
 * change a stored event.
 */
export class PgEventStore implements EventStore, AuditTrail, Transferable {
  readonly positions = 'gapless';
  private readonly writers: Pool;
  private readonly readers: Pool;
  private readonly signer: EventSigner;
  private readonly appender: PgAppender;
  private readonly reader: PgReader;
  private readonly importer: PgImporter;
  private readonly recent = new RecentEvents(RECENT);
  private readonly subscriptions = new Set<PagedSubscription>();
  private readonly timers: Timers;
  private listener: PgListener | undefined;
  private closing: Promise<void> | undefined;
  private isClosed = false;

  constructor(private readonly options: PgEventStoreOptions) {
    assertSchemaName(options.schema);
    this.timers = options.timers ?? systemTimers;
    this.writers = openPool(options.url, 'event store writer', WRITERS_MAX);
    this.readers = openPool(options.url, 'event store reader', options.poolMax ?? READERS_MAX);
    this.signer = new EventSigner(options.keys);
    this.appender = new PgAppender(this.writers, options.schema, this.signer, {
      onWritten: () => this.wake(),
      deadlineMs: options.deadlineMs ?? APPEND_DEADLINE_MS,
    });
    this.reader = new PgReader(this.readers, options.schema);
    this.importer = new PgImporter(options.ownerUrl ?? options.url, options.schema);
  }

  /**
   * Creates the schema, or brings it up to date. Repeatable, and safe to run from several processes
   * at once.
   */
  migrate(): Promise<void> {
    const { url, ownerUrl, schema } = this.options;
    return migrateEventStore({
      url: ownerUrl ?? url,
      schema,
      ...(ownerUrl ? { appUser: decodeURIComponent(new URL(url).username) } : {}),
    });
  }

  /**
   * Throws WrongExpectedRevision, EventIdTaken, or EventStoreUnavailable when no answer came before
   * the deadline.
   */
  async append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    this.assertOpen();
    return this.appender.append(stream, serialise(stream, events, expected), expected);
  }

  async readStream(
    stream: string,
    options: { readonly fromRevision?: number; readonly countMax?: number } = {},
  ): Promise<StreamEvent[]> {
    this.assertOpen();
    const from = Math.max(0, options.fromRevision ?? 0);
    const countMax = options.countMax ?? Number.MAX_SAFE_INTEGER;
    return wholeStream(await this.reader.stream(stream, from, countMax), from, this.signer);
  }

  async readAll({ streamPrefix, ...options }: ReadAllOptions): Promise<RecordedEvent[]> {
    this.assertOpen();
    return readOurs({ ...options, signer: this.signer }, (after, wanted) =>
      this.reader.all(after, wanted, streamPrefix),
    );
  }

  subscribe(options: SubscribeOptions, handle: EventBatchHandler): Subscription {
    assert(!this.closing, 'a closed event store is not used');
    this.listener ??= new PgListener(this.options.url, this.options.schema, this.timers, () =>
      this.wake(),
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
    this.recent.clear();
  }

  async verifyStream(stream: string, each?: (event: ChainedEvent) => void): Promise<AuditReport> {
    const audit = new ChainAudit(this.signer);
    for (let from = 0; ; from = audit.lastRevision + 1) {
      const page = await this.reader.streamPage(stream, from, BATCH_SIZE_MAX);
      for (const event of page) {
        audit.read(event);
        each?.(event);
      }
      if (page.length < BATCH_SIZE_MAX) return audit.report();
    }
  }

  entries(from: bigint): AsyncIterable<readonly OrderedEvent[]> {
    this.assertOpen();
    return this.reader.order(2n ** 63n - 1n, from > 0n ? from : 1n);
  }

  /**
   * Reads the whole log twice: every chain, then the order of all with its seal. Appends go on
   * meanwhile; what they add is not in the seal.
   */
  async verifyAll({ until, known, progress }: AuditOptions = {}): Promise<LogAuditReport> {
    const head = until ?? (await this.head());
    const chains = new ChainAudit(this.signer, known);
    for await (const page of this.reader.chains()) {
      for (const event of page) chains.read(event);
      progress?.(chains.events);
    }
    const order = new OrderAudit(this.positions, known);
    for await (const page of this.reader.order(head)) {
      for (const event of page) order.read(event);
    }
    return logReport(chains, order);
  }

  export(): AsyncGenerator<readonly ChainedEvent[]> {
    this.assertOpen();
    return this.reader.pages();
  }

  /**
   * Needs the schema's owner (see `ownerUrl`): the application's role cannot write what it did not
   * record.
   */
  async import(events: readonly TransferredEvent[], known?: KnownFaults): Promise<void> {
    this.assertOpen();
    await this.importer.import(events, known);
    this.wake();
  }

  /** Awaits running batches and appends, and closes the connections. */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    // Handlers first: the running batch may still append.
    await Promise.all([...this.subscriptions].map((subscription) => subscription.stop()));
    this.isClosed = true;
    await this.appender.drain();
    await Promise.all([
      this.listener?.stop(),
      this.importer.close(),
      this.writers.end(),
      this.readers.end(),
    ]);
  }

  /**
   * Whatever fits the prefix or not is read, so that followers share what they read and a
   * checkpoint passes by what does not fit.
   */
  private async page(
    from: bigint,
    { streamPrefix = '', batchSizeMax = BATCH_SIZE_MAX, onFaults }: SubscribeOptions,
  ): Promise<Page> {
    for (let after = from; ;) {
      const known = this.recent.read(after, batchSizeMax);
      const { events, readTo } = known
        ? { events: known, readTo: known.at(-1)!.position }
        : await this.readOn(after, batchSizeMax, onFaults);
      const fitting = events.filter(({ stream }) => stream.startsWith(streamPrefix));
      if (fitting.length > 0 || readTo === after) return { events: fitting, readTo };
      after = readTo;
    }
  }

  /** A page with a fault is not kept: every follower has to see it. */
  private async readOn(
    after: bigint,
    countMax: number,
    onFaults: FaultHandler | undefined,
  ): Promise<Page> {
    const stored = await this.reader.all(after, countMax);
    const events = await oursOf(stored, this.signer, onFaults);
    if (events.length === stored.length)
      this.recent.add(
        after,
        events.map((event, index) => ({ event, bytes: bytesOf(stored[index]!) })),
      );
    return { events, readTo: stored.at(-1)?.position ?? after };
  }

  private wake(): void {
    for (const subscription of this.subscriptions) subscription.wake();
  }

  private assertOpen(): void {
    assert(!this.isClosed, 'a closed event store is not used');
  }
}

const bytesOf = ({ data, metadata }: StoredEvent): number => data.length + metadata.length;

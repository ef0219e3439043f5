import { AsyncLocalStorage } from 'node:async_hooks';
import { message, visitLedgerVisits } from '@caretab/contracts';
import {
  type EventStore,
  EventStoreUnavailable,
  type FaultHandler,
  type KnownFaults,
  type StreamFault,
  StreamFaulty,
} from '@caretab/event-store';
import type { Degradation } from '@caretab/host';
import { type Clock, derivedId, type Groupable, GroupCommit } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { visitTable } from '../views/visit.table';
import { isVisitStream, streamOf, visitIdOf, type VisitStreams } from '../visit/visit-streams';
import { faultOf, type SetAsideRow, setAsideTable } from './set-aside.table';

/** More faulty streams within a minute are no fault of streams: a lost key, or another store. */
export const FAULTS_A_MINUTE_MAX = 20;
const MINUTE_MS = 60_000;
/** Rows that are kept in memory: at 20 a minute, those of more than a day. */
const ROWS_MAX = 50_000;

/** Visits that are looked for at once: those of a batch of reports. */
const LOOKUPS = {
  batchEventsMax: 1_000,
  batchBytesMax: Number.POSITIVE_INFINITY,
  inFlightMax: 100,
  queueMax: Number.POSITIVE_INFINITY,
};

/**
 * The visits whose streams cannot be used: what we did not write was found there, or what we did is
 * missing. Such a visit stands still and all others go on. Each is recorded once and durably; every
 * process learns of it within its refresh interval, and at once when it meets the fault itself.
 */
export class SetAside implements VisitStreams {
  private rows = new Map<string, SetAsideRow>();
  /** Readings that began, and the newest whose answer is in `rows`: an older one changes nothing. */
  private readings = { begun: 0, taken: 0 };
  /** Too many streams are at fault: until the process is started again nothing more is set aside. */
  private stoppedSince: Date | undefined;
  private readonly lookups = new GroupCommit<Groupable, boolean>(
    LOOKUPS,
    (batch) => this.hasEach(batch.map(({ lane }) => lane)),
    () => new Error('too many visits are looked for'),
    queueMicrotask,
  );
  /** Whose reading finds a fault must not take its transaction along. */
  private readonly outside = AsyncLocalStorage.snapshot();

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly storeId: string;
      readonly clock: Clock;
      readonly logger: { error(facts: object, text: string): void };
      /** Throws EventStoreUnavailable where the log is not the one that was read. */
      readonly proveLog?: () => Promise<void>;
      /** Default: FAULTS_A_MINUTE_MAX. */
      readonly aMinuteMax?: number;
    },
  ) {}

  private get aMinuteMax(): number {
    return this.parts.aMinuteMax ?? FAULTS_A_MINUTE_MAX;
  }

  /** Reads what other processes recorded. Returns 0: a job that waits for its interval. */
  async refresh(): Promise<0> {
    const reading = (this.readings.begun += 1);
    const found = await this.outside(() =>
      this.parts.store.transact((transaction) =>
        transaction.rows(setAsideTable).find({}, { orderBy: 'foundAt', countMax: ROWS_MAX }),
      ),
    );
    if (reading > this.readings.taken) {
      this.rows = new Map(found.map((row) => [row.stream, row]));
      this.readings.taken = reading;
    }
    return 0;
  }

  of(visitId: string): string {
    const stream = this.last(visitId);
    const row = this.rows.get(stream);
    if (row) throw new StreamFaulty(faultOf(row));
    return stream;
  }

  last(visitId: string): string {
    for (let stream = streamOf(visitId); ;) {
      const continuedIn = this.rows.get(stream)?.continuedIn;
      if (!continuedIn) return stream;
      stream = continuedIn;
    }
  }

  isAside(visitId: string): boolean {
    return this.rows.has(this.last(visitId));
  }

  /** Whether an event of a stream that is set aside is at its fault or behind it. */
  isBehindFault({ stream, revision }: { readonly stream: string; readonly revision: number }) {
    const row = this.rows.get(stream);
    return row !== undefined && row.continuedIn === null && revision >= row.revision;
  }

  /** The faults of streams whose visits go on in others. */
  decided(): KnownFaults {
    const decided = [...this.rows.values()].filter(({ continuedIn }) => continuedIn !== null);
    return new Map(decided.map(({ stream, revision }) => [stream, revision]));
  }

  async found(_stream: string, fault?: StreamFault): Promise<void> {
    await (fault ? this.note([fault]) : this.refresh());
  }

  /** Visits that are looked for in one turn are looked for together. */
  has(visitId: string): Promise<boolean> {
    return this.lookups.add({ lane: visitId, events: 1, bytes: 0 });
  }

  private async hasEach(visitIds: readonly string[]): Promise<{ readonly answer: boolean }[]> {
    const known = await this.parts.store.transact(async (transaction) => {
      const seen = await transaction.rows(visitTable).find({ visitId: { in: visitIds } });
      const there = new Set(seen.map(({ visitId }) => visitId));
      const others = visitIds.filter((visitId) => !there.has(visitId));
      if (others.length === 0) return there;
      // A rebuild has dropped its row, and another process has recorded it.
      const aside = await transaction
        .rows(setAsideTable)
        .find({ visitId: { in: others }, continuedIn: null });
      return new Set([...there, ...aside.map(({ visitId }) => visitId)]);
    });
    return visitIds.map((visitId) => ({ answer: known.has(visitId) }));
  }

  async proven(): Promise<void> {
    await this.parts.proveLog?.();
  }

  /**
   * Records faults, each stream once. Throws EventStoreUnavailable for more than `aMinuteMax`
   * streams within a minute, and from then on: nothing goes on before the process is started again.
   */
  readonly note: FaultHandler = async (faults) => {
    const firsts = new Map<string, StreamFault>();
    // Of other streams nothing is read that has an effect.
    for (const fault of faults.filter(({ stream }) => isVisitStream(stream)))
      if (!this.rows.has(fault.stream) && !firsts.has(fault.stream))
        firsts.set(fault.stream, fault);
    if (firsts.size === 0) return;
    if (this.stoppedSince) throw tooMany(this.aMinuteMax);
    const recorded = await this.outside(() =>
      this.parts.store.transact((transaction) => this.record(transaction, [...firsts.values()])),
    );
    for (const { kind, stream, revision, position, digest } of recorded)
      this.parts.logger.error(
        { kind, stream, revision, position, digest },
        'event of the log is not ours, its visit is set aside',
      );
    await this.refresh();
  };

  degradations(): readonly Degradation[] {
    const standing = this.standing();
    const [first] = standing;
    const stopped = this.stoppedSince && {
      what: 'the log of visits',
      why: `${tooMany(this.aMinuteMax).message} (docs/runbooks/set-aside.md)`,
      since: this.stoppedSince,
    };
    if (!first) return stopped ? [stopped] : [];
    return [
      ...(stopped ? [stopped] : []),
      {
        what: 'the log of visits',
        why:
          `${standing.length} visits are set aside, first event ${first.revision} of ` +
          `${first.stream}, ${first.kind} (docs/runbooks/set-aside.md)`,
        since: first.foundAt,
      },
    ];
  }

  observe(): void {
    const gauge = meter('caretab.visit_ledger').createObservableGauge(
      'caretab.visit_ledger.set_aside_visits',
      { description: 'Visits whose streams hold what we did not write, or miss what we did' },
    );
    gauge.addCallback((result) => result.observe(this.standing().length));
  }

  private standing(): SetAsideRow[] {
    return [...this.rows.values()].filter(({ continuedIn }) => continuedIn === null);
  }

  private async record(
    transaction: Transaction,
    faults: readonly StreamFault[],
  ): Promise<SetAsideRow[]> {
    const { storeId, clock } = this.parts;
    const foundAt = clock.now();
    const rows = transaction.rows(setAsideTable);
    const known = await rows.find({
      visitId: { in: faults.map(({ stream }) => visitIdOf(stream)) },
    });
    const fresh = faults.filter(
      ({ stream }) => isUsed(stream, known) && !known.some((row) => row.stream === stream),
    );
    if (fresh.length === 0) return [];
    const sinceAMinute = { foundAt: { gt: new Date(foundAt.getTime() - MINUTE_MS) } };
    if ((await rows.count(sinceAMinute)) + fresh.length > this.aMinuteMax) {
      this.stoppedSince = foundAt;
      this.parts.logger.error({ streams: fresh.length }, 'too many streams at fault, log stopped');
      throw tooMany(this.aMinuteMax);
    }
    const visits = await transaction
      .rows(visitTable)
      .find({ visitId: { in: fresh.map(({ stream }) => visitIdOf(stream)) } });
    const recorded = await rows.insertAllAbsent(
      fresh.map(({ kind, stream, revision, position, digest }) => {
        const visit = visits.find(({ visitId }) => visitId === visitIdOf(stream));
        return {
          ...{ stream, visitId: visitIdOf(stream), store: storeId, kind, revision, digest },
          ...{ position: position.toString(), foundAt, viewedTo: null, continuedIn: null },
          institutionId: visit?.institutionId ?? null,
          personId: visit?.personId ?? null,
        };
      }),
    );
    for (const row of recorded) this.publish(transaction, row);
    return recorded;
  }

  /** Who holds money or a line for the visit learns that its time stands still. */
  private publish(
    transaction: Transaction,
    { visitId, stream, institutionId, personId, foundAt }: SetAsideRow,
  ): void {
    if (institutionId === null || personId === null) return;
    transaction.publish(
      message(
        visitLedgerVisits,
        'VisitSetAside',
        { visitId, institutionId, personId, setAsideAt: foundAt.toISOString() },
        {
          // A stream that was restored may be set aside again.
          id: derivedId('VisitSetAside', stream, foundAt.toISOString()),
          time: foundAt,
          source: 'visit-ledger',
          causedBy: undefined,
        },
      ),
    );
  }
}

/** Whether the visit's facts are in the stream: in its first one, or where it was continued. */
const isUsed = (stream: string, known: readonly SetAsideRow[]): boolean =>
  stream === streamOf(visitIdOf(stream)) || known.some(({ continuedIn }) => continuedIn === stream);

const tooMany = (aMinuteMax: number): EventStoreUnavailable =>
  new EventStoreUnavailable(
    `more than ${aMinuteMax} streams a minute hold what we did not write: is it the ` +
      'store of this ledger, and has it its keys?',
  );

/** The event store as followers use it: what is not ours is recorded and passed by. */
export const passingBy = <Events extends EventStore>(
  events: Events,
  onFaults: FaultHandler,
): EventStore => ({
  append: (...append) => events.append(...append),
  readStream: (...read) => events.readStream(...read),
  readAll: (options) => events.readAll({ onFaults, ...options }),
  subscribe: (options, handle) => events.subscribe({ onFaults, ...options }, handle),
  head: () => events.head(),
  forget: () => events.forget(),
  close: () => events.close(),
});

import {
  type EventStore,
  EventStoreUnavailable,
  type FaultHandler,
  type StreamFault,
} from '@caretab/event-store';
import type { Degradation } from '@caretab/host';
import type { Clock } from '@caretab/kernel';
import { meter } from '@caretab/telemetry';

/** More faulty streams within a minute are no fault of streams: a lost key, or another store. */
export const FAULTS_A_MINUTE_MAX = 20;
const MINUTE_MS = 60_000;
/** Faults that are kept to be shown. */
const FAULTS_KEPT_MAX = 1_000;

interface Found {
  readonly fault: StreamFault;
  readonly at: Date;
}

/**
 * What followers of the log passed by, because we did not write it. The visit of such a stream stands
 * still, and all others go on. Kept in this process: who reads the log again finds it again.
 */
export class LogFaults {
  private readonly found = new Map<string, Found>();

  constructor(
    private readonly parts: {
      readonly clock: Clock;
      readonly logger: { error(facts: object, text: string): void };
    },
  ) {}

  /**
   * Notes faults, each once. Throws EventStoreUnavailable for more than FAULTS_A_MINUTE_MAX streams
   * within a minute: then nothing goes on.
   */
  readonly note: FaultHandler = async (faults) => {
    const at = this.parts.clock.now();
    const fresh = faults.filter(({ stream }) => !this.found.has(stream));
    const streams = new Set(fresh.map(({ stream }) => stream));
    if (this.withinAMinute(at) + streams.size > FAULTS_A_MINUTE_MAX)
      throw new EventStoreUnavailable(
        `more than ${FAULTS_A_MINUTE_MAX} streams a minute hold what we did not write: is it the ` +
          'store of this ledger, and has it its keys?',
      );
    for (const fault of fresh) {
      if (this.found.has(fault.stream)) continue;
      this.found.set(fault.stream, { fault, at });
      if (this.found.size > FAULTS_KEPT_MAX) this.found.delete(this.found.keys().next().value!);
      const { kind, stream, revision, position, digest } = fault;
      this.parts.logger.error(
        { kind, stream, revision, position: String(position), digest },
        'event of the log is not ours, passed by',
      );
    }
  };

  degradations(): readonly Degradation[] {
    const [first] = this.found.values();
    if (!first) return [];
    const { kind, stream, revision } = first.fault;
    return [
      {
        what: 'the log of visits',
        why:
          `${this.found.size} streams hold what we did not write, first event ${revision} of ` +
          `${stream}, ${kind} (docs/runbooks/event-keys.md)`,
        since: first.at,
      },
    ];
  }

  observe(): void {
    const gauge = meter('caretab.visit_ledger').createObservableGauge(
      'caretab.visit_ledger.faulty_streams',
      { description: 'Streams of the log that hold what we did not write' },
    );
    gauge.addCallback((result) => result.observe(this.found.size));
  }

  private withinAMinute(now: Date): number {
    return [...this.found.values()].filter(({ at }) => now.getTime() - at.getTime() < MINUTE_MS)
      .length;
  }
}

/** The event store as followers use it: what is not ours is noted and passed by. */
export const passingBy = <Events extends EventStore>(
  events: Events,
  onFaults: FaultHandler,
): EventStore => ({
  append: (...append) => events.append(...append),
  readStream: (...read) => events.readStream(...read),
  readAll: (options) => events.readAll({ onFaults, ...options }),
  subscribe: (options, handle) => events.subscribe({ onFaults, ...options }, handle),
  head: () => events.head(),
  close: () => events.close(),
});

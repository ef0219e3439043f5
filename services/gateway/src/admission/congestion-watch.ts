import { hospitalVisitEvents } from '@caretab/contracts';
import type { Timers } from '@caretab/kernel';
import type { Bus } from '@caretab/bus';
import type { Store } from '@caretab/store';
import type { Logger } from '@caretab/telemetry';
import type { Congestion } from './congestion';

/** The consumer group in which the ledger reads hospitals' events. */
export const LEDGER_GROUP = 'visit-ledger.hospital';
/** An answer that takes longer says nothing about now. */
const ANSWER_TIMEOUT_MS = 5_000;

export interface CongestionWatchParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly timers: Timers;
  readonly congestion: Congestion;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** Counted no further than a little beyond it. */
  readonly outboxMax: number;
}

/** Measures the outbox and the ledger's lag, outside of requests. */
export class CongestionWatch {
  private isLagUnknown = false;

  constructor(private readonly parts: CongestionWatchParts) {}

  async outbox(): Promise<number> {
    const { store, congestion, outboxMax } = this.parts;
    // A store that does not answer takes nothing in either.
    congestion.measured({ outbox: await store.pending(outboxMax + 1).catch(() => undefined) });
    return 0;
  }

  async lag(): Promise<number> {
    const { bus, congestion } = this.parts;
    const lag = await this.inTime(bus.lag(LEDGER_GROUP, [hospitalVisitEvents.name]));
    this.reportLag(lag === undefined);
    congestion.measured({ lag });
    return 0;
  }

  private async inTime(question: Promise<number>): Promise<number | undefined> {
    const over = new AbortController();
    const late = this.parts.timers.sleep(ANSWER_TIMEOUT_MS, over.signal).then(() => undefined);
    const answer = await Promise.race([question.catch(() => undefined), late]);
    over.abort();
    return answer;
  }

  private reportLag(isLagUnknown: boolean): void {
    if (isLagUnknown === this.isLagUnknown) return;
    this.isLagUnknown = isLagUnknown;
    if (isLagUnknown)
      this.parts.logger.warn(
        { group: LEDGER_GROUP },
        'ledger lag unknown: backpressure depends on the outbox alone until the bus answers',
      );
    else this.parts.logger.info({ group: LEDGER_GROUP }, 'ledger lag known again');
  }
}

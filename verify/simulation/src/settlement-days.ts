import type { MemoryDatabase } from '@caretab/store';
import type { Scheduler } from './scheduler';

interface Row {
  readonly visitId: string;
  readonly revision: number;
  readonly kind: string;
  /** Asia/Shanghai. */
  readonly bookedOn: string;
}

/** One verdict as payment recorded it. */
export interface SettledOn {
  readonly visitId: string;
  readonly revision: number;
  /** Asia/Shanghai. */
  readonly day: string;
}

const SHANGHAI_MS = 8 * 3_600_000;
/** The day of an instant in Asia/Shanghai, where our books close at midnight. */
export const dayOf = (instant: string | number): string =>
  new Date(new Date(instant).getTime() + SHANGHAI_MS).toISOString().slice(0, 10);

/**
 * On which day of our books each settlement came to be there, as an onlooker sees it: by the true
 * clock, and not by what the row says.
 */
export class SettlementDays {
  private readonly seen = new Map<string, SettledOn>();
  private lookedMs: number | undefined;

  constructor(private readonly scheduler: Pick<Scheduler, 'nowMs'>) {}

  /** In the order in which they were recorded. */
  get all(): readonly SettledOn[] {
    return [...this.seen.values()];
  }

  look(payment: MemoryDatabase): void {
    const { nowMs } = this.scheduler;
    // A clock that leaps over midnight while a row is being written leaves it on either day.
    const days = [dayOf(this.lookedMs ?? nowMs), dayOf(nowMs)];
    this.lookedMs = nowMs;
    for (const { visitId, revision, kind, bookedOn } of payment.committed<Row>('settlement')) {
      const key = `${visitId} ${revision}`;
      if (kind !== 'settled' || this.seen.has(key)) continue;
      this.seen.set(key, { visitId, revision, day: days.includes(bookedOn) ? bookedOn : days[1]! });
    }
  }

  /** The database was restored from a copy without any: what it records again has a new day. */
  forget(): void {
    this.seen.clear();
  }
}

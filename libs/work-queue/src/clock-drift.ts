import type { Store, Table, Where } from '@caretab/store';

/** Rows of one transaction. */
const ROWS_MAX = 100;

/** How long rows of a kind wait at most for their next attempt. */
export interface Plan<Row> {
  readonly where: Where<Row>;
  /** Milliseconds, or what they are at a time. */
  readonly waitMaxMs: number | ((now: Date) => number);
}

/** Rows that may be planned too far ahead. */
interface FuturePlans<Row extends object> extends Plan<Row> {
  readonly table: Table<Row>;
  readonly now: Date;
}

/**
 * Reschedules rows whose next attempt lies further ahead than their longest delay: they were
 * written while a clock was ahead, this machine's or another's. They become due at the end of that
 * delay; a lease keeps its number, so its worker can still complete. Returns how many there were.
 */
export const rescheduleFuturePlans = async <Row extends { nextAttemptAt: Date | null }>(
  store: Store,
  { table, where, now, waitMaxMs }: FuturePlans<Row>,
): Promise<number> => {
  const latest = new Date(
    now.getTime() + (typeof waitMaxMs === 'function' ? waitMaxMs(now) : waitMaxMs),
  );
  for (let total = 0; ;) {
    const count = await store.transact(async (transaction) => {
      const rows = transaction.rows<Row>(table);
      const far = await rows.find({ ...where, nextAttemptAt: { gt: latest } } as Where<Row>, {
        countMax: ROWS_MAX,
        lock: 'skip',
      });
      await rows.save(...far.map((row) => ({ ...row, nextAttemptAt: latest })));
      return far.length;
    });
    total += count;
    if (count < ROWS_MAX) return total;
  }
};

/** Rounds between two checks for rows that another machine's clock wrote: a minute at two a second. */
const ROUNDS_BETWEEN = 120;

/** When to check for future plans: at the start, after the clock was set back, and periodically. */
export class ClockWatch {
  private lastMs = Number.POSITIVE_INFINITY;
  private rounds = 0;

  isTimeToLook(now: Date): boolean {
    const wasSetBack = now.getTime() < this.lastMs;
    this.lastMs = now.getTime();
    this.rounds = wasSetBack ? 0 : this.rounds + 1;
    return this.rounds % ROUNDS_BETWEEN === 0;
  }
}

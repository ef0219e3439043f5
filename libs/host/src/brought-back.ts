import type { Store, Table, Where } from '@caretab/store';

/** Of one transaction. */
const ROWS_MAX = 100;

interface Planned {
  readonly nextAttemptAt: Date | null;
}

export interface FarPlans<Row> {
  readonly table: Table<Row & object>;
  /** Which rows. */
  readonly where: Where<Row>;
  readonly now: Date;
  /** The longest that such a row is ever planned to wait. */
  readonly waitMaxMs: number;
}

/**
 * Rows that are planned farther ahead than anybody plans were planned by a clock that has since
 * been set back (this machine's, or another's that was ahead). They are planned anew, at the end of
 * the longest wait: so a clock that jumps delays nothing by its jump. A lease that is still good is
 * only begun anew. Tells how many there were: all of them, for there may be as many as the platform
 * did while a clock was ahead.
 */
export const bringBack = async <Row extends Planned & object>(
  store: Store,
  plans: FarPlans<Row>,
): Promise<number> => {
  for (let total = 0; ;) {
    const found = await bringBackSome(store, plans);
    total += found;
    if (found < ROWS_MAX) return total;
  }
};

const bringBackSome = <Row extends Planned & object>(
  store: Store,
  { table, where, now, waitMaxMs }: FarPlans<Row>,
): Promise<number> =>
  store.transact(async (transaction) => {
    const latest = new Date(now.getTime() + waitMaxMs);
    const rows = transaction.rows<Row>(table);
    const far = await rows.find({ ...where, nextAttemptAt: { gt: latest } } as Where<Row>, {
      countMax: ROWS_MAX,
      lock: 'skip',
    });
    await rows.save(...far.map((row) => ({ ...row, nextAttemptAt: latest })));
    return far.length;
  });

/**
 * Rounds between two looks at what another machine's clock may have planned: a minute of a job that
 * looks twice a second.
 */
const ROUNDS_BETWEEN = 120;

/**
 * Says when to look for plans that are too far ahead: at the start, when the clock was set back,
 * and now and then.
 */
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

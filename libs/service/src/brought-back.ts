import type { Store, Where } from '@caretab/postgres';
import type { EntitySchema } from 'typeorm';

const ROWS_MAX = 100;

interface Planned {
  readonly nextAttemptAt: Date | null;
}

export interface FarPlans<Row> {
  readonly table: EntitySchema<Row & object>;
  /** Which rows. */
  readonly where: Where<Row>;
  readonly now: Date;
  /** The longest that such a row is ever planned to wait. */
  readonly waitMaxMs: number;
}

/**
 * Rows that are planned farther ahead than anybody plans were planned by a clock that has since been set back (this machine's, or another's that was
 * ahead). They are planned anew, at the end of the longest wait: so a clock that jumps delays nothing by its jump. A lease that is still good is
 * only begun anew. Tells how many there were.
 */
export const bringBack = <Row extends Planned & object>(store: Store, { table, where, now, waitMaxMs }: FarPlans<Row>): Promise<number> =>
  store.transact(async (transaction) => {
    const latest = new Date(now.getTime() + waitMaxMs);
    const rows = transaction.rows<Row>(table);
    const far = await rows.find({ ...where, nextAttemptAt: { gt: latest } } as Where<Row>, { countMax: ROWS_MAX, lock: 'skip' });
    await rows.save(...far.map((row) => ({ ...row, nextAttemptAt: latest })));
    return far.length;
  });

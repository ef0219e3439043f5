import type { RecordedEvent } from '@caretab/event-store';
import type { Transaction } from '@caretab/store';
import { type SetAsideRow, setAsideTable } from '../set-aside/set-aside.table';
import { isFact } from '../visit/stored-facts';

/** Visits that stand aside at once: more, and the log is stopped long before. */
const ASIDE_MAX = 50_000;

/** The streams that are set aside, as a transaction sees them. */
export const asideAmong = (transaction: Transaction): Promise<readonly SetAsideRow[]> =>
  transaction
    .rows(setAsideTable)
    .find({ continuedIn: null }, { orderBy: 'stream', countMax: ASIDE_MAX });

/** Notes up to where views had folded these streams without knowing of their faults. */
export const markViewed = async (
  transaction: Transaction,
  rows: readonly SetAsideRow[],
  position: bigint,
): Promise<void> => {
  if (rows.length === 0) return;
  const viewedTo = position.toString();
  await transaction.rows(setAsideTable).save(...rows.map((row) => ({ ...row, viewedTo })));
};

const byStream = (aside: readonly SetAsideRow[]): ReadonlyMap<string, SetAsideRow> =>
  new Map(aside.map((row) => [row.stream, row]));

/** The facts that a view takes in: of a stream that is set aside those before its fault. */
export const beforeFaults = (
  events: readonly RecordedEvent[],
  aside: readonly SetAsideRow[],
): RecordedEvent[] => {
  const rows = byStream(aside);
  return events.filter((event) => {
    const row = rows.get(event.stream);
    return isFact(event) && (row === undefined || event.revision < row.revision);
  });
};

/** The facts that stand in the views: also those folded before the fault was found. */
export const inViews = (
  events: readonly RecordedEvent[],
  aside: readonly SetAsideRow[],
): RecordedEvent[] => {
  const rows = byStream(aside);
  return events.filter((event) => {
    const row = rows.get(event.stream);
    if (!row) return isFact(event);
    const isViewed = row.viewedTo === null || event.position <= BigInt(row.viewedTo);
    return isFact(event) && (event.revision < row.revision || isViewed);
  });
};

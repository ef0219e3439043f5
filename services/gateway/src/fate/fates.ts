import type { Fate } from '@caretab/contracts';
import type { Transaction } from '@caretab/store';
import { type EventRow, eventTable, listedFate } from '../intake/intake.table';
import { type VisitEvent, type Word, wordOf } from './words';

/** Reports of one visit's charges that a batch looks up; a hospital may repeat a charge. */
const LOOKED_UP_MAX = 1000;
/** Charges of a cancelled visit that are looked up: more than a visit has. */
const CANCELLED_MAX = 20_000;
/** How much a fate says; a report never goes back to a smaller one. */
const PRECISION: Readonly<Record<Fate, number>> = {
  accepted: 0,
  waiting: 1,
  applied: 2,
  deferred: 3,
  'not-deferred': 3,
  rejected: 3,
};
/** That the tab is cancelled ends what was deferred, whatever the ledger's clock said then. */
const CANCELLED_PRECISION = 4;
/** That one report contradicts another of the same charge is said of that report alone. */
const CONFLICT_PRECISION = 5;
const APPLIED: Word = { fate: 'applied' };

const precisionOf = ({ fate, reason }: Pick<EventRow, 'fate' | 'reason'>): number => {
  if (fate === 'rejected' && reason === 'CHARGE_CONFLICT') return CONFLICT_PRECISION;
  return fate === 'not-deferred' && reason === 'VISIT_CANCELLED'
    ? CANCELLED_PRECISION
    : PRECISION[fate];
};

type RowsById = Map<string, EventRow>;

const isReportOf = (row: EventRow | undefined, { charge }: Word): boolean =>
  row?.type === 'ChargePosted' && row.chargeId === charge?.chargeId;

/**
 * What an event says of a row. A charge that was decided by its own report is that report's alone;
 * decided later, by an opening or a larger hold, it is that of every report which was not rejected.
 * An event that another report caused shows that the report was applied.
 */
const wordFor = (row: EventRow, event: VisitEvent, rows: RowsById): Word | undefined => {
  const word = wordOf(event);
  const isCause = row.id === event.causationId;
  if (word?.submissionId === row.id) return word;
  if (word?.isOfTab && row.fate === 'deferred') return word;
  if (word?.charge && isReportOf(row, word)) {
    if (isCause) return word;
    const isDecidedAlone = isReportOf(rows.get(event.causationId ?? ''), word);
    const isSame = row.fate !== 'rejected' && row.amountFen === word.charge.amountFen;
    return !isDecidedAlone && isSame ? word : undefined;
  }
  return isCause && row.type !== 'ChargePosted' ? APPLIED : undefined;
};

/**
 * What was decided does not become undecided or less precise. Of words as precise as each other the
 * later one wins; a decision wins over a wait even so, since the ledger's clock may have been set
 * back between them.
 */
const after = (
  row: EventRow,
  { fate, ...why }: Word,
  { time, data: { institutionId } }: VisitEvent,
): EventRow => {
  const fateAt = new Date(time);
  const [reason, remedy] = [why.reason ?? null, why.remedy ?? null];
  const more = precisionOf({ fate, reason }) - precisionOf(row);
  const isEarlier = more === 0 && row.fateAt !== null && fateAt < row.fateAt;
  const isKnown = row.fate === fate && row.reason === reason;
  if (more < 0 || isEarlier || isKnown) return row;
  return { ...row, institutionId, fate, listedFate: listedFate(fate), fateAt, reason, remedy };
};

/**
 * Keeps what the ledger says of accepted reports: a batch in two statements, one more where visits
 * were cancelled, and one where charges were not decided by their own reports.
 * Repeatable. Reports that came by another way are passed over.
 */
export const keepFates = async (
  transaction: Transaction,
  events: readonly VisitEvent[],
): Promise<void> => {
  const table = transaction.rows(eventTable);
  const ids = events.flatMap((event) => [
    ...(event.causationId === undefined ? [] : [event.causationId]),
    ...(wordOf(event)?.submissionId === undefined ? [] : [wordOf(event)!.submissionId!]),
  ]);
  const named = await table.lockAll([...new Set(ids)].map((id) => ({ id })));
  const rows: RowsById = new Map(named.map((row) => [row.id, row]));
  for (const row of await reportsOf(transaction, decidedLater(events, rows))) rows.set(row.id, row);
  for (const row of await cancelledRows(transaction, events))
    if (!rows.has(row.id)) rows.set(row.id, row);
  const idsByVisit = new Map<string, string[]>();
  for (const { id, visitId } of rows.values())
    idsByVisit.set(visitId, [...(idsByVisit.get(visitId) ?? []), id]);
  const changed = new Set<string>();
  for (const event of events)
    for (const id of idsByVisit.get(event.data.visitId) ?? []) {
      const row = rows.get(id)!;
      const word = wordFor(row, event, rows);
      const next = word ? after(row, word, event) : row;
      if (next === row) continue;
      rows.set(id, next);
      changed.add(id);
    }
  if (changed.size > 0) await table.save(...[...changed].map((id) => rows.get(id)!));
};

/** Reports of charges with one of the ids, of one of the visits. */
const reportsOf = async (
  transaction: Transaction,
  chargeIdsByVisit: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<readonly EventRow[]> => {
  if (chargeIdsByVisit.size === 0) return [];
  const chargeIds = new Set([...chargeIdsByVisit.values()].flatMap((ids) => [...ids]));
  return transaction.rows(eventTable).find(
    {
      visitId: { in: [...chargeIdsByVisit.keys()] },
      chargeId: { in: [...chargeIds] },
      type: 'ChargePosted',
    },
    { countMax: LOOKED_UP_MAX * chargeIdsByVisit.size, lock: 'wait' },
  );
};

/** Reports of charges on the tabs that the batch cancels. */
const cancelledRows = async (
  transaction: Transaction,
  events: readonly VisitEvent[],
): Promise<readonly EventRow[]> => {
  const visitIds = events.flatMap((event) => (wordOf(event)?.isOfTab ? [event.data.visitId] : []));
  if (visitIds.length === 0) return [];
  return transaction
    .rows(eventTable)
    .find(
      { visitId: { in: [...new Set(visitIds)] }, type: 'ChargePosted', fate: 'deferred' },
      { countMax: CANCELLED_MAX, lock: 'wait' },
    );
};

/** By visit: charges whose decision was not caused by their own report. */
const decidedLater = (
  events: readonly VisitEvent[],
  rows: RowsById,
): ReadonlyMap<string, ReadonlySet<string>> => {
  const byVisit = new Map<string, Set<string>>();
  for (const event of events) {
    const word = wordOf(event);
    if (!word?.charge || isReportOf(rows.get(event.causationId ?? ''), word)) continue;
    const { visitId } = event.data;
    byVisit.set(visitId, (byVisit.get(visitId) ?? new Set()).add(word.charge.chargeId));
  }
  return byVisit;
};

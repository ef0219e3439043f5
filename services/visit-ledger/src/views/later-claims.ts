import { businessDateOf } from '@caretab/contracts';
import type { Store, Transaction } from '@caretab/store';
import { personVisitsView } from './person-visits.view';
import type { VisitRow } from './visit.table';
import { visitView } from './visit.view';

/** Visits of one person and year that are looked at. */
const VISITS_MAX = 500;
const ENDED: VisitRow['status'][] = ['closed', 'adjudicated', 'settled'];

/**
 * Was a visit of the same person settled after this one, in the same year? Its claim stands on what
 * this one used of deductible and limits, so this one is not raised any more.
 */
export class LaterClaims {
  constructor(private readonly store: Store) {}

  /** Those of the visits of whose person another visit ended later and was closed, in the same year. */
  among(visitIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (visitIds.length === 0) return Promise.resolve(new Set());
    return this.store.transact(async (transaction) => {
      const ended = await endedAmong(transaction, visitIds);
      const later = new Set<string>();
      for (const visit of ended) if (await hasLater(visit, transaction)) later.add(visit.visitId);
      return later;
    });
  }

  /** Of one visit, and whose it is; null until the views have its end. */
  of(visitId: string): Promise<{ readonly hasLater: boolean; readonly personId: string | null }> {
    return this.store.transact(async (transaction) => {
      const [visit] = await endedAmong(transaction, [visitId]);
      if (!visit) return { hasLater: false, personId: null };
      return { hasLater: await hasLater(visit, transaction), personId: visit.personId };
    });
  }
}

const endedAmong = (transaction: Transaction, visitIds: readonly string[]): Promise<VisitRow[]> =>
  transaction.rows(visitView.table).find({ visitId: { in: visitIds }, status: { in: ENDED } });

const hasLater = async (visit: VisitRow, transaction: Transaction): Promise<boolean> => {
  const { personId, closedAt, businessDate } = visit;
  if (personId === null || closedAt === null) return false;
  const others = await transaction
    .rows(personVisitsView.table)
    .find(
      { personId, status: { in: ENDED } },
      { orderBy: 'startedAt', descending: true, countMax: VISITS_MAX },
    );
  const year = businessDate.slice(0, 4);
  const sameYear = others.filter(
    ({ visitId, startedAt }) =>
      visitId !== visit.visitId && businessDateOf(startedAt).startsWith(year),
  );
  if (sameYear.length === 0) return false;
  const rows = await transaction
    .rows(visitView.table)
    .find({ visitId: { in: sameYear.map(({ visitId }) => visitId) } });
  return rows.some(
    (row) => row.closedAt !== null && Date.parse(row.closedAt) >= Date.parse(closedAt),
  );
};

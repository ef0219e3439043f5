import { DAY_MS, type VisitStanding } from '@caretab/contracts';
import type { StandingRows } from '@caretab/host';
import type { VisitRow } from './visit.table';
import { visitView } from './visit.view';

const lineOf = ({
  visitId,
  adjudicatedRevision,
  patientDueFen,
  payers,
  paidFen,
  refundedFen,
}: VisitRow): VisitStanding => ({
  visitId,
  revision: adjudicatedRevision ?? 0,
  dueFen: patientDueFen ?? 0,
  payers: [...payers],
  paidFen,
  refundedFen,
});

/** The ledger's visits as neighbours compare them: those that have a verdict, by the day of their end. */
export const ledgerLines: StandingRows = {
  page: async (transaction, { day, after, countMax }) => {
    const { rows, next } = await transaction
      .rows(visitView.table)
      .page(
        { closedDate: day },
        { countMax, after: after === undefined ? undefined : { visitId: after } },
      );
    const lines = rows
      .filter(({ adjudicatedRevision }) => adjudicatedRevision !== null)
      .map(lineOf);
    return { lines, next: next?.visitId };
  },
  earlier: async (transaction, day) => {
    const dayBefore = new Date(Date.parse(day) - DAY_MS).toISOString().slice(0, 10);
    const [last] = await transaction
      .rows(visitView.table)
      .find(
        { closedDate: { lte: dayBefore } },
        { orderBy: 'closedDate', descending: true, countMax: 1 },
      );
    return last?.closedDate ?? undefined;
  },
};

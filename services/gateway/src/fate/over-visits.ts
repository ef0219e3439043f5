import { on, type VisitClass, visitLedgerVisits } from '@caretab/contracts';
import { table, textColumn, type Transaction } from '@caretab/store';
import type { VisitEvent } from './words';

/** A visit that the ledger closed or cancelled: neither is taken back. */
export interface OverVisitRow {
  readonly visitId: string;
  readonly status: 'closed' | 'cancelled';
  /** By which a closed one is settled. */
  readonly visitClass: VisitClass | null;
  /** When a closed one ended: RFC 3339. */
  readonly closedAt: string | null;
}

export const overVisitTable = table<OverVisitRow>({
  name: 'over_visit',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    status: textColumn(),
    visitClass: textColumn('visit_class', { nullable: true }),
    closedAt: textColumn('closed_at', { nullable: true }),
  },
});

const overBy = (event: VisitEvent): OverVisitRow | undefined =>
  on<typeof visitLedgerVisits, OverVisitRow>(visitLedgerVisits, event, {
    VisitClosed: ({ data: { visitId, visitClass, closedAt } }) => ({
      ...{ visitId, status: 'closed', visitClass, closedAt },
    }),
    VisitCancelled: ({ data: { visitId } }) => ({
      ...{ visitId, status: 'cancelled', visitClass: null, closedAt: null },
    }),
    SubmissionWaiting: 'ignore',
    SubmissionApplied: 'ignore',
    SubmissionRejected: 'ignore',
    ChargeDeferred: 'ignore',
    ChargeNotDeferred: 'ignore',
    ChargeAwaitsAgreement: 'ignore',
    ChargeConflictFound: 'ignore',
    HolderContradicted: 'ignore',
    VisitOpened: 'ignore',
    VisitUpdated: 'ignore',
    PatientProposed: 'ignore',
    PatientDenied: 'ignore',
    PatientIdentified: 'ignore',
    VisitOverdue: 'ignore',
    VisitSetAside: 'ignore',
    VisitResumed: 'ignore',
    HoldIncreaseRequested: 'ignore',
    HoldLowered: 'ignore',
    ChargeReversed: 'ignore',
    VisitAdjudicated: 'ignore',
    VisitSettled: 'ignore',
    PaymentMissed: 'ignore',
  });

/** Keeps which visits are over: one statement for a batch, and none where none is. Repeatable. */
export const keepOver = async (
  transaction: Transaction,
  events: readonly VisitEvent[],
): Promise<void> => {
  const rows = new Map<string, OverVisitRow>();
  for (const event of events) {
    const row = overBy(event);
    if (row) rows.set(row.visitId, row);
  }
  if (rows.size > 0) await transaction.rows(overVisitTable).save(...rows.values());
};

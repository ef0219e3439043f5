import { businessDateOf } from '@caretab/contracts';
import { isOfUnidentified, type UnidentifiedFact } from '../visit/unidentified-facts';
import type { FactOf } from '../visit/visit-events';
import { afterUnidentified, onNobodysLine } from './unidentified-visits';
import type { RecordedFact, View } from './view';
import { emptyVisit, type VisitRow, visitTable } from './visit.table';
import { afterReturn } from './visit-returns';
import { afterSubmission, withLate, withoutLate, withWaiting, withWaits } from './visit-waits';

/** What was paid above the latest due and has not gone back, in fen. */
export const refundOwedFen = ({
  patientDueFen,
  paidFen,
  refundedFen,
}: Pick<VisitRow, 'patientDueFen' | 'paidFen' | 'refundedFen'>): number =>
  Math.max(0, paidFen - refundedFen - (patientDueFen ?? 0));

type ChargeFact = Extract<
  RecordedFact,
  {
    readonly type:
      | 'ChargeWaiting'
      | 'LateChargeRecorded'
      | 'ChargeDeferred'
      | 'ChargeNotDeferred'
      | 'ChargeConflictFound'
      | 'ChargeReturned';
  }
>;

/**
 * Which charges wait is not in the row; a decision takes one from the count only if the fact says
 * that it had waited.
 */
const afterCharge = (row: VisitRow, { type, data }: ChargeFact): VisitRow => {
  switch (type) {
    case 'ChargeWaiting':
      return withWaiting({ ...row, chargesWaiting: row.chargesWaiting + 1 }, data, true);
    case 'LateChargeRecorded':
      return withLate({ ...row, chargesWaiting: row.chargesWaiting + 1 }, data);
    case 'ChargeDeferred':
      return {
        ...withoutLate(row, data),
        chargesDeferred: row.chargesDeferred + 1,
        chargesWaiting: row.chargesWaiting - Number(data.waited),
        grossFen: data.totals.grossFen,
        patientEstimateFen: data.patientEstimateFen,
      };
    case 'ChargeNotDeferred':
      return {
        ...withoutLate(row, data),
        chargesNotDeferred: row.chargesNotDeferred + 1,
        chargesWaiting: row.chargesWaiting - Number(data.waited),
        notDeferredFen: row.notDeferredFen + data.charge.amountFen,
      };
    case 'ChargeConflictFound':
      return { ...row, conflicts: row.conflicts + 1 };
    case 'ChargeReturned':
      return afterReturn(row, data);
  }
};

type EndFact = Extract<
  RecordedFact,
  {
    readonly type:
      'VisitEndReported' | 'VisitGraceEnded' | 'VisitReopened' | 'VisitWithdrawalReported';
  }
>;

/** An end ends the rule's timer, and begins the one of its grace time. */
const afterEnd = (row: VisitRow, fact: EndFact): VisitRow => {
  const graceUntil = fact.type === 'VisitEndReported' ? (fact.data.graceUntil ?? null) : null;
  return { ...row, graceUntil, timerAt: graceUntil };
};

const opened = (row: VisitRow, data: FactOf<'VisitOpened'>['data']): VisitRow => ({
  // Its charges wait for credit now, without a limit of their own.
  ...withWaits(
    row,
    row.waits.filter(({ isCharge }) => !isCharge),
  ),
  status: 'open',
  ...{ unidentified: null, unidentifiedFen: 0, identifyUntil: null, closedAt: null },
  personId: data.personId,
  businessDate: data.businessDate,
  visitClass: data.visitClass,
  department: data.department ?? null,
  startedAt: data.startedAt,
  timerAt: data.endsBy ?? null,
});

const authorized = (
  row: VisitRow,
  { accountPersonId, heldFen, lender }: FactOf<'CreditAuthorized'>['data'],
): VisitRow => ({ ...row, accountPersonId, heldFen, lender: lender ?? null });

type FactOfTab = Exclude<RecordedFact, { readonly type: UnidentifiedFact['type'] }>;

const afterFact = (row: VisitRow, fact: FactOfTab): VisitRow => {
  switch (fact.type) {
    case 'ChargeWaiting':
    case 'LateChargeRecorded':
    case 'ChargeDeferred':
    case 'ChargeNotDeferred':
    case 'ChargeConflictFound':
    case 'ChargeReturned':
      return afterCharge(row, fact);
    case 'SubmissionWaiting':
    case 'SubmissionApplied':
    case 'SubmissionRejected':
      return afterSubmission(row, fact);
    case 'VisitOpened':
      return opened(row, fact.data);
    case 'VisitUpdated':
      return {
        ...row,
        department: fact.data.department ?? row.department,
        visitClass: fact.data.visitClass ?? row.visitClass,
        ...(fact.data.visitClass && !row.graceUntil && { timerAt: fact.data.endsBy ?? null }),
      };
    case 'CreditAuthorized':
      return authorized(row, fact.data);
    case 'HoldIncreased':
    case 'HoldLowered':
      return { ...row, heldFen: fact.data.heldFen };
    case 'VisitEndReported':
    case 'VisitGraceEnded':
    case 'VisitReopened':
    case 'VisitWithdrawalReported':
      return afterEnd(row, fact);
    case 'VisitCancelled':
      return {
        ...row,
        graceUntil: null,
        timerAt: null,
        status: 'cancelled',
        ...{ chargesDeferred: 0, chargesWaiting: 0 },
        ...{ grossFen: 0, patientEstimateFen: 0, heldFen: 0 },
      };
    case 'VisitClosed':
      return {
        ...row,
        status: 'closed',
        timerAt: null,
        closedAt: fact.data.closedAt,
        closedDate: businessDateOf(fact.data.closedAt),
        revision: fact.data.revision,
      };
    case 'VisitAdjudicated':
      return {
        ...row,
        status: 'adjudicated',
        adjudicatedRevision: fact.data.revision,
        payers: fact.data.payers,
        patientDueFen: fact.data.patientDueFen,
        accountPersonId: fact.data.accountPersonId,
        heldFen: 0, // The hold became the exact due.
      };
    case 'PaymentRecorded':
      return { ...row, paidFen: row.paidFen + fact.data.amountFen, missedReason: null };
    case 'RefundRecorded':
      return { ...row, refundedFen: row.refundedFen + fact.data.amountFen };
    case 'PaymentMissed':
      return { ...row, missedReason: fact.data.reason };
    case 'VisitSettled':
      return { ...row, status: 'settled', settledAt: fact.data.settledAt };
    case 'CreditDeclined':
    case 'CoverageDetermined':
    case 'HoldIncreaseRequested':
    case 'HoldIncreaseDeclined':
    case 'HoldExpired':
    case 'VisitOverdue':
    case 'HolderContradicted':
    case 'ReturnWaiting':
      return row;
  }
};

const apply = (before: VisitRow | undefined, fact: RecordedFact): VisitRow => {
  const { visitId, institutionId, businessDate } = fact.data;
  const row = onNobodysLine(before ?? emptyVisit(visitId, institutionId, businessDate), fact);
  return isOfUnidentified(fact) ? afterUnidentified(row, fact) : afterFact(row, fact);
};

export const visitView: View<VisitRow> = {
  table: visitTable,
  keyField: 'visitId',
  keysOf: (fact) => [fact.data.visitId],
  apply,
};

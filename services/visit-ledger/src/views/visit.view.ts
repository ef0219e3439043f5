import type { VisitClass, VisitStatus } from '@caretab/contracts';
import { fenColumn, jsonColumn, textColumn, integerColumn, table } from '@caretab/store';
import type { FactOf } from '../visit/visit-events';
import type { RecordedFact, View } from './view';

/** How does this visit stand? */
export interface VisitRow {
  visitId: string;
  institutionId: string;
  personId: string | null;
  accountPersonId: string | null;
  businessDate: string;
  status: VisitStatus;
  visitClass: VisitClass | null;
  department: string | null;
  startedAt: string | null;
  closedAt: string | null;
  settledAt: string | null;
  revision: number;
  heldFen: number;
  chargesDeferred: number;
  chargesWaiting: number;
  chargesNotDeferred: number;
  chargesReturned: number;
  conflicts: number;
  grossFen: number;
  notDeferredFen: number;
  patientEstimateFen: number;
  patientDueFen: number | null;
  paidFen: number;
  refundedFen: number;
  payers: readonly { payerId: string; amountFen: number }[];
  missedReason: string | null;
  /** Reports that wait for the opening, or for the charge that they return. */
  waits: readonly { submissionId: string; waitsUntil: string; isCharge: boolean }[];
  /** When the first of them has waited for too long: RFC 3339 in UTC. */
  waitsUntil: string | null;
}

export const visitTable = table<VisitRow>({
  name: 'visit',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    institutionId: textColumn('institution_id'),
    personId: textColumn('person_id', { nullable: true }),
    accountPersonId: textColumn('account_person_id', { nullable: true }),
    businessDate: textColumn('business_date'),
    status: textColumn('status'),
    visitClass: textColumn('visit_class', { nullable: true }),
    department: textColumn('department', { nullable: true }),
    startedAt: textColumn('started_at', { nullable: true }),
    closedAt: textColumn('closed_at', { nullable: true }),
    settledAt: textColumn('settled_at', { nullable: true }),
    revision: integerColumn(),
    heldFen: fenColumn('held_fen'),
    chargesDeferred: integerColumn('charges_deferred'),
    chargesWaiting: integerColumn('charges_waiting'),
    chargesNotDeferred: integerColumn('charges_not_deferred'),
    chargesReturned: integerColumn('charges_returned'),
    conflicts: integerColumn(),
    grossFen: fenColumn('gross_fen'),
    notDeferredFen: fenColumn('not_deferred_fen'),
    patientEstimateFen: fenColumn('patient_estimate_fen'),
    patientDueFen: fenColumn('patient_due_fen', { nullable: true }),
    paidFen: fenColumn('paid_fen'),
    refundedFen: fenColumn('refunded_fen'),
    payers: jsonColumn('payers'),
    missedReason: textColumn('missed_reason', { nullable: true }),
    waits: jsonColumn('waits'),
    waitsUntil: textColumn('waits_until', { nullable: true }),
  },
});

const empty = (visitId: string, institutionId: string, businessDate: string): VisitRow => ({
  visitId,
  institutionId,
  businessDate,
  personId: null,
  accountPersonId: null,
  status: 'unknown',
  visitClass: null,
  department: null,
  startedAt: null,
  closedAt: null,
  settledAt: null,
  revision: 0,
  heldFen: 0,
  chargesDeferred: 0,
  chargesWaiting: 0,
  chargesNotDeferred: 0,
  chargesReturned: 0,
  conflicts: 0,
  grossFen: 0,
  notDeferredFen: 0,
  patientEstimateFen: 0,
  patientDueFen: null,
  paidFen: 0,
  refundedFen: 0,
  payers: [],
  missedReason: null,
  waits: [],
  waitsUntil: null,
});

const withWaits = (row: VisitRow, waits: VisitRow['waits']): VisitRow => ({
  ...row,
  waits,
  waitsUntil: waits.map(({ waitsUntil }) => waitsUntil).sort()[0] ?? null,
});

const withWaiting = (
  row: VisitRow,
  { submissionId, waitsUntil }: { readonly submissionId?: string; readonly waitsUntil?: string },
  isCharge: boolean,
): VisitRow =>
  submissionId && waitsUntil
    ? withWaits(row, [...row.waits, { submissionId, waitsUntil, isCharge }])
    : row;

const withoutWaiting = (row: VisitRow, submissionId: string): VisitRow =>
  withWaits(
    row,
    row.waits.filter((each) => each.submissionId !== submissionId),
  );

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
      return { ...row, chargesWaiting: row.chargesWaiting + 1 };
    case 'ChargeDeferred':
      return {
        ...row,
        chargesDeferred: row.chargesDeferred + 1,
        chargesWaiting: row.chargesWaiting - Number(data.waited),
        grossFen: data.totals.grossFen,
        patientEstimateFen: data.patientEstimateFen,
      };
    case 'ChargeNotDeferred':
      return {
        ...row,
        chargesNotDeferred: row.chargesNotDeferred + 1,
        chargesWaiting: row.chargesWaiting - Number(data.waited),
        notDeferredFen: row.notDeferredFen + data.charge.amountFen,
      };
    case 'ChargeConflictFound':
      return { ...row, conflicts: row.conflicts + 1 };
    case 'ChargeReturned':
      return {
        ...row,
        // A charge of which something is left still counts as deferred.
        chargesReturned: row.chargesReturned + Number(!data.left),
        chargesDeferred: row.chargesDeferred - Number(data.wasDeferred && !data.left),
        chargesWaiting: row.chargesWaiting - Number(data.waited),
        grossFen: data.totals.grossFen,
        patientEstimateFen: data.patientEstimateFen ?? row.patientEstimateFen,
      };
  }
};

type SubmissionFact = Extract<
  RecordedFact,
  { readonly type: 'SubmissionWaiting' | 'SubmissionApplied' | 'SubmissionRejected' }
>;

const afterSubmission = (row: VisitRow, { type, data }: SubmissionFact): VisitRow => {
  if (type === 'SubmissionWaiting') return withWaiting(row, data, false);
  const rest = withoutWaiting(row, data.submissionId);
  return type === 'SubmissionRejected' && data.waited && data.kind === 'ChargePosted'
    ? { ...rest, chargesWaiting: rest.chargesWaiting - 1 }
    : rest;
};

/** An opened visit: its charges wait for credit now, without a limit of their own. */
const opened = (
  row: VisitRow,
  { personId, businessDate, visitClass, department, startedAt }: FactOf<'VisitOpened'>['data'],
): VisitRow => ({
  ...withWaits(
    row,
    row.waits.filter(({ isCharge }) => !isCharge),
  ),
  status: 'open',
  ...{ personId, businessDate, visitClass, department: department ?? null, startedAt },
});

const apply = (before: VisitRow | undefined, fact: RecordedFact): VisitRow => {
  const { visitId, institutionId, businessDate } = fact.data;
  const row = before ?? empty(visitId, institutionId, businessDate);
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
      };
    case 'CreditAuthorized':
      return { ...row, accountPersonId: fact.data.accountPersonId, heldFen: fact.data.heldFen };
    case 'HoldIncreased':
      return { ...row, heldFen: fact.data.heldFen };
    case 'VisitCancelled':
      return {
        ...row,
        status: 'cancelled',
        chargesDeferred: 0,
        grossFen: 0,
        patientEstimateFen: 0,
        chargesWaiting: 0,
        heldFen: 0,
      };
    case 'VisitClosed':
      return {
        ...row,
        status: 'closed',
        closedAt: fact.data.closedAt,
        revision: fact.data.revision,
      };
    case 'VisitAdjudicated':
      return {
        ...row,
        status: 'adjudicated',
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
    case 'VisitEndReported':
    case 'VisitReopened':
    case 'VisitWithdrawalReported':
    case 'ReturnWaiting':
      return row;
  }
};

export const visitView: View<VisitRow> = {
  table: visitTable,
  keyField: 'visitId',
  keysOf: (fact) => [fact.data.visitId],
  apply,
};

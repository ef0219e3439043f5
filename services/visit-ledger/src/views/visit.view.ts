import { businessDateOf, type VisitClass, type VisitStatus } from '@caretab/contracts';
import {
  dateColumn,
  fenColumn,
  integerColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';
import type { FactOf } from '../visit/visit-events';
import type { RecordedFact, View } from './view';
import { afterReturn } from './visit-returns';
import { afterSubmission, withLate, withoutLate, withWaiting, withWaits } from './visit-waits';

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
  /** The visit has ended, and until then its grace time runs. UTC. */
  graceUntil: string | null;
  /** When a clock ends or closes it; null: no clock does. UTC. */
  timerAt: string | null;
  closedAt: string | null;
  /** The day of the end in Asia/Shanghai: by it neighbours compare. */
  closedDate: string | null;
  settledAt: string | null;
  revision: number;
  /** Of the latest verdict; the closing may be a step ahead. */
  adjudicatedRevision: number | null;
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
    graceUntil: textColumn('grace_until', { nullable: true }),
    timerAt: textColumn('timer_at', { nullable: true }),
    closedAt: textColumn('closed_at', { nullable: true }),
    closedDate: dateColumn('closed_date', { nullable: true }),
    settledAt: textColumn('settled_at', { nullable: true }),
    revision: integerColumn(),
    adjudicatedRevision: integerColumn('adjudicated_revision', { nullable: true }),
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

/** What was paid above the latest due and has not gone back, in fen. */
export const refundOwedFen = ({
  patientDueFen,
  paidFen,
  refundedFen,
}: Pick<VisitRow, 'patientDueFen' | 'paidFen' | 'refundedFen'>): number =>
  Math.max(0, paidFen - refundedFen - (patientDueFen ?? 0));

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
  graceUntil: null,
  timerAt: null,
  closedAt: null,
  closedDate: null,
  settledAt: null,
  revision: 0,
  adjudicatedRevision: null,
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
  personId: data.personId,
  businessDate: data.businessDate,
  visitClass: data.visitClass,
  department: data.department ?? null,
  startedAt: data.startedAt,
  timerAt: data.endsBy ?? null,
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
        ...(fact.data.visitClass && !row.graceUntil && { timerAt: fact.data.endsBy ?? null }),
      };
    case 'CreditAuthorized':
      return { ...row, accountPersonId: fact.data.accountPersonId, heldFen: fact.data.heldFen };
    case 'HoldIncreased':
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

export const visitView: View<VisitRow> = {
  table: visitTable,
  keyField: 'visitId',
  keysOf: (fact) => [fact.data.visitId],
  apply,
};

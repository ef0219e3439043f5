import type { UnidentifiedState, VisitClass, VisitLender, VisitStatus } from '@caretab/contracts';
import {
  dateColumn,
  fenColumn,
  integerColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';

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
  /** Who lends what is due; null: not said, the fund. */
  lender: VisitLender | null;
  /** Reports that wait for the opening, or for the charge that they return. */
  waits: readonly { submissionId: string; waitsUntil: string; isCharge: boolean }[];
  /** When the first of them has waited for too long: RFC 3339 in UTC. */
  waitsUntil: string | null;
  /** Of a patient whom no one knows; null for every other. */
  unidentified: UnidentifiedState | null;
  /** What is charged on no one's line, less what was returned. */
  unidentifiedFen: number;
  identifyUntil: string | null;
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
    lender: jsonColumn('lender', { nullable: true }),
    waits: jsonColumn('waits'),
    waitsUntil: textColumn('waits_until', { nullable: true }),
    unidentified: textColumn('unidentified', { nullable: true }),
    unidentifiedFen: fenColumn('unidentified_fen'),
    identifyUntil: textColumn('identify_until', { nullable: true }),
  },
  owners: { institution: 'institutionId', person: 'personId' },
});

export const emptyVisit = (
  visitId: string,
  institutionId: string,
  businessDate: string,
): VisitRow => ({
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
  lender: null,
  waits: [],
  waitsUntil: null,
  unidentified: null,
  unidentifiedFen: 0,
  identifyUntil: null,
});

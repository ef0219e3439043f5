import { emptyTotals } from '@caretab/benefits';
import type { Charge } from '@caretab/contracts';
import { assert, contentHash } from '@caretab/kernel';
import type { Left } from './part';
import type { FactOf, VisitEvent } from './visit-events';
import {
  type ChargeReturn,
  classKey,
  type EndedVisit,
  endKey,
  FRESHLY_OPENED,
  isEnded,
  type OpenedVisit,
  recordedIn,
  type RecordedCharge,
  returnInQueue,
  updateKey,
  type Visit,
  reopeningKey,
  without,
} from './visit-state';

const openedOf = (visit: Visit): OpenedVisit => {
  assert(visit.status !== 'unknown', 'this fact follows the opening of its visit');
  return visit;
};

const endedOf = (visit: Visit): EndedVisit => {
  assert(isEnded(visit), 'this fact follows the closing of its visit');
  return visit;
};

const withCharge = (
  visit: Visit,
  charge: Charge,
  status: RecordedCharge['status'],
  said: Pick<RecordedCharge, 'personId' | 'reason' | 'waits' | 'answerUntil'> = {},
): Pick<Visit, 'charges' | 'waiting'> => ({
  charges: new Map(visit.charges).set(charge.chargeId, {
    left: { quantity: charge.quantity, amountFen: charge.amountFen },
    contentHash: contentHash(charge),
    ...visit.charges.get(charge.chargeId),
    charge,
    status,
    ...said,
  }),
  waiting:
    status === 'waiting'
      ? [...visit.waiting, charge.chargeId]
      : visit.waiting.filter((chargeId) => chargeId !== charge.chargeId),
});

const withWaitingReturn = (
  visit: Visit,
  { returnId, chargeId, amountFen, quantity }: ChargeReturn,
): Pick<Visit, 'returns' | 'waiting' | 'waitingReturns'> => {
  const place = returnInQueue(returnId);
  const taken = { returnId, chargeId, amountFen, quantity };
  return {
    returns: new Map(visit.returns).set(returnId, taken),
    waiting: [...visit.waiting, place],
    waitingReturns: new Map(visit.waitingReturns).set(place, taken),
  };
};

const withReturn = (
  visit: Visit,
  { returnId, chargeId, amountFen, quantity, left }: FactOf<'ChargeReturned'>['data'],
): Visit => {
  const recorded = recordedIn(visit, chargeId);
  const place = returnInQueue(returnId);
  const waitingReturns = new Map(visit.waitingReturns);
  waitingReturns.delete(place);
  return {
    ...visit,
    charges: new Map(visit.charges).set(
      chargeId,
      left ? { ...recorded, left } : { ...recorded, status: 'returned', left: NOTHING },
    ),
    waiting: visit.waiting.filter((each) => each !== place && (left || each !== chargeId)),
    waitingReturns,
    returns: new Map(visit.returns).set(returnId, { returnId, chargeId, amountFen, quantity }),
  };
};

const waitsOf = ({
  submissionId,
  messageId,
  waitsUntil,
  visitId,
  institutionId,
  businessDate,
}: FactOf<'ChargeWaiting'>['data']): RecordedCharge['waits'] =>
  submissionId && messageId && waitsUntil
    ? {
        ...{ visitId, institutionId, businessDate },
        ...{ submissionId, messageId, waitsUntil, kind: 'ChargePosted' },
      }
    : undefined;

/** A charge that was rejected for its wait was never recorded: it may be sent again. */
const withoutRejected = (
  visit: Visit,
  { submissionId, kind, chargeId, waited }: FactOf<'SubmissionRejected'>['data'],
): Visit => {
  const gone = waited && kind === 'ChargePosted' ? chargeId : undefined;
  return {
    ...visit,
    submissions: without(visit.submissions, submissionId),
    charges: without(visit.charges, gone),
    waiting: gone === undefined ? visit.waiting : visit.waiting.filter((each) => each !== gone),
  };
};

const NOTHING: Left = { quantity: '0', amountFen: 0 };

/** Folds one fact into the visit. Asserts that the fact can follow what was folded before. */
export const evolve = (visit: Visit, fact: VisitEvent): Visit => {
  const { type, data } = fact;
  switch (type) {
    case 'VisitOpened': {
      const { visitId, institutionId, personId, businessDate } = data;
      const { visitClass, startedAt, department, endsBy } = data;
      return {
        ...FRESHLY_OPENED,
        ...visit,
        status: 'open',
        ref: { visitId, institutionId, personId, businessDate },
        opening: { visitClass, startedAt, department, openedAs: visitClass },
        ...(endsBy && { endsBy }),
      };
    }
    case 'ChargeWaiting':
      return {
        ...visit,
        ...withCharge(visit, data.charge, 'waiting', {
          personId: data.personId,
          waits: waitsOf(data),
        }),
      };
    case 'SubmissionWaiting':
      return {
        ...visit,
        submissions: new Map(visit.submissions).set(data.submissionId, data),
      };
    case 'HolderContradicted':
      return visit;
    case 'SubmissionApplied':
      return { ...visit, submissions: without(visit.submissions, data.submissionId) };
    case 'SubmissionRejected':
      return withoutRejected(visit, data);
    case 'LateChargeRecorded':
      return {
        ...visit,
        ...withCharge(visit, data.charge, 'late', { answerUntil: data.answerUntil }),
      };
    case 'ChargeDeferred':
      return { ...visit, ...withCharge(visit, data.charge, 'deferred'), totals: data.totals };
    case 'ChargeNotDeferred':
      return {
        ...visit,
        ...withCharge(visit, data.charge, 'not-deferred', { reason: data.reason }),
      };
    case 'ChargeConflictFound':
      return { ...visit, conflicts: new Set(visit.conflicts).add(data.contentHash) };
    case 'ReturnWaiting':
      return { ...visit, ...withWaitingReturn(visit, data) };
    case 'ChargeReturned':
      return { ...withReturn(visit, data), totals: data.totals };
    case 'VisitClosed':
      return {
        ...openedOf(visit),
        status: 'closed',
        closedAt: data.closedAt,
        revision: data.revision,
      };
    case 'VisitAdjudicated': {
      const { revision, grossFen, payers, patientDueFen } = data;
      const verdict = { revision, grossFen, payers, patientDueFen };
      return { ...endedOf(visit), status: 'adjudicated', verdict };
    }
    case 'VisitSettled': {
      const ended = endedOf(visit);
      assert(ended.verdict, 'only what was adjudicated is settled');
      return { ...ended, status: 'settled', verdict: ended.verdict, settledBefore: true };
    }
    default:
      return evolveOpened(openedOf(visit), fact as OpenedFact);
  }
};

/** Facts that leave an opened visit in its status, but for the cancellation. */
type OpenedFact = Exclude<
  VisitEvent,
  {
    readonly type:
      | 'VisitOpened'
      | 'ChargeWaiting'
      | 'LateChargeRecorded'
      | 'ChargeDeferred'
      | 'ChargeNotDeferred'
      | 'ChargeConflictFound'
      | 'HolderContradicted'
      | 'SubmissionWaiting'
      | 'SubmissionApplied'
      | 'SubmissionRejected'
      | 'ReturnWaiting'
      | 'ChargeReturned'
      | 'VisitClosed'
      | 'VisitAdjudicated'
      | 'VisitSettled';
  }
>;

const updated = (visit: OpenedVisit, data: FactOf<'VisitUpdated'>['data']): OpenedVisit => {
  const { department, visitClass, updatedAt } = data;
  const updates = new Set(visit.updates);
  if (department !== undefined) updates.add(updateKey(data));
  if (visitClass !== undefined) updates.add(classKey(visitClass, updatedAt));
  return {
    ...visit,
    updates,
    opening: {
      ...visit.opening,
      ...(department !== undefined && { department }),
      ...(visitClass !== undefined && { visitClass }),
    },
    ...(department !== undefined && { departmentSince: updatedAt }),
    ...(visitClass !== undefined && { classSince: updatedAt, endsBy: data.endsBy }),
  };
};

const evolveOpened = (visit: OpenedVisit, { type, data }: OpenedFact): Visit => {
  switch (type) {
    case 'VisitUpdated':
      return updated(visit, data);
    case 'CreditAuthorized':
      return {
        ...visit,
        authorization: { state: 'granted', accountPersonId: data.accountPersonId },
        heldFen: data.heldFen,
      };
    case 'CreditDeclined':
      return { ...visit, authorization: { state: 'declined', reason: data.reason } };
    case 'CoverageDetermined':
      return { ...visit, coverage: data.coverage };
    case 'HoldIncreaseRequested':
      return {
        ...visit,
        increase: { requestId: data.requestId, chargeId: data.chargeId },
        increasesRequested: visit.increasesRequested + 1,
      };
    case 'HoldIncreased':
      return { ...visit, increase: undefined, heldFen: data.heldFen, lineUsedUp: false };
    case 'HoldIncreaseDeclined':
      return { ...visit, increase: undefined, lineUsedUp: true };
    case 'VisitOverdue':
      return { ...visit, askedAt: data.askedAt };
    case 'HoldExpired':
      return { ...visit, expired: true };
    case 'VisitEndReported':
      return {
        ...visit,
        endedAt: data.endedAt,
        graceUntil: data.graceUntil,
        endedByRule: data.byRule,
        endedByHold: data.byHold,
      };
    case 'VisitGraceEnded':
      return { ...visit, graceUntil: undefined };
    case 'VisitReopened': {
      const { endedAt, graceUntil, endedByRule, endedByHold, endsBy, ...going } = visit;
      return {
        ...going,
        endsTakenBack: new Set(visit.endsTakenBack)
          .add(endKey(endedAt ?? ''))
          .add(reopeningKey(data.reopenedAt)),
      };
    }
    case 'VisitWithdrawalReported':
      return { ...visit, withdrawnAt: data.withdrawnAt };
    case 'VisitCancelled':
      return { ...visit, status: 'cancelled', totals: emptyTotals, waiting: [] };
    case 'PaymentRecorded':
      return {
        ...visit,
        payments: new Map(visit.payments).set(data.paymentId, data.amountFen),
        paidFen: visit.paidFen + data.amountFen,
      };
    case 'RefundRecorded':
      return {
        ...visit,
        refunds: new Map(visit.refunds).set(data.refundId, data.amountFen),
        refundedFen: visit.refundedFen + data.amountFen,
      };
    case 'PaymentMissed':
      return { ...visit, missed: new Set(visit.missed).add(`${data.paymentId}/${data.attempt}`) };
  }
};

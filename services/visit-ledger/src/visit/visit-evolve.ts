import { emptyTotals } from '@caretab/benefits';
import { assert } from '@caretab/kernel';
import {
  type AddCharge,
  addingInPlace,
  addToCopy,
  waitsOf,
  withCharge,
  withoutRejected,
  withReturn,
  withWaitingReturn,
} from './recorded-charges';
import { isOfUnidentified, type UnidentifiedFact, unidentifiedAfter } from './unidentified-facts';
import type { FactOf, VisitEvent } from './visit-events';
import {
  classKey,
  type EndedVisit,
  endKey,
  FRESHLY_OPENED,
  isEnded,
  type OpenedVisit,
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

/** Folds one fact into the visit. Asserts that the fact can follow what was folded before. */
export const evolve = (visit: Visit, fact: VisitEvent): Visit => evolveBy(visit, fact, addToCopy);

/**
 * Folds facts one after the other. Charges are copied once, not for each fact: for a long stay that
 * was most of the time.
 */
export const evolveAll = (visit: Visit, facts: readonly VisitEvent[]): Visit => {
  const add = addingInPlace();
  return facts.reduce((folded, fact) => evolveBy(folded, fact, add), visit);
};

const evolveBy = (visit: Visit, fact: VisitEvent, add: AddCharge): Visit =>
  isOfUnidentified(fact)
    ? { ...visit, unidentified: unidentifiedAfter(visit.unidentified, fact) }
    : evolveTab(visit, fact, add);

type FactOfTab = Exclude<VisitEvent, UnidentifiedFact>;

const evolveTab = (visit: Visit, fact: FactOfTab, add: AddCharge): Visit => {
  const { type, data } = fact;
  switch (type) {
    case 'VisitOpened': {
      const { visitId, institutionId, personId, businessDate } = data;
      const { visitClass, startedAt, department, presence, endsBy } = data;
      return {
        ...FRESHLY_OPENED,
        ...visit,
        status: 'open',
        ref: { visitId, institutionId, personId, businessDate },
        opening: { visitClass, startedAt, department, openedAs: visitClass, presence },
        ...(endsBy && { endsBy }),
      };
    }
    case 'ChargeWaiting':
      return {
        ...visit,
        ...withCharge(visit, data.charge, 'waiting', {
          personId: data.personId,
          waits: waitsOf(data),
          add,
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
        ...withCharge(visit, data.charge, 'late', { answerUntil: data.answerUntil, add }),
      };
    case 'ChargeDeferred':
      return {
        ...visit,
        ...withCharge(visit, data.charge, 'deferred', { add }),
        totals: data.totals,
      };
    case 'ChargeNotDeferred':
      return {
        ...visit,
        ...withCharge(visit, data.charge, 'not-deferred', { reason: data.reason, add }),
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
      const ended = endedOf(visit);
      const dueMaxFen = Math.max(ended.dueMaxFen, patientDueFen);
      return { ...ended, status: 'adjudicated', verdict, dueMaxFen };
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
  FactOfTab,
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
        authorization: {
          ...{ state: 'granted', accountPersonId: data.accountPersonId },
          ...(data.lender && { lender: data.lender }),
        },
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
    case 'HoldLowered':
      return {
        ...{ ...visit, increase: undefined, heldFen: data.heldFen },
        holdLoweredAt: data.updatedAt,
      };
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

import {
  addTotals,
  classify,
  findItem,
  type ScopeTotals,
  settle,
  subtractTotals,
} from '@caretab/benefits';
import { type Charge, FEN_MAX, type VisitClass } from '@caretab/contracts';
import { BASIS_POINTS } from '@caretab/kernel';
import type { VisitEvent, VisitRef } from './visit-events';
import { returnInQueue, evolve, claimLinesOf, refOf, type Visit } from './visit-state';

/** Charges of one visit at most: what one closing message can carry. */
export const CHARGES_MAX = 5000;

/** When more of the hold than this is used, the ledger asks for more ahead of need. */
const AHEAD_OF_NEED_BPS = 7000;

/** By how much a hold should grow at a time. */
const HOLD_STEP_FEN: Readonly<Record<VisitClass, number>> = {
  outpatient: 30_000,
  emergency: 50_000,
  inpatient: 200_000,
};

const requestIncrease = (visit: Visit, neededFen: number, chargeId?: string): VisitEvent => ({
  type: 'HoldIncreaseRequested',
  data: {
    ...refOf(visit),
    requestId: `${refOf(visit).visitId}/${visit.increasesRequested + 1}`,
    neededFen,
    wantedFen: Math.max(
      neededFen,
      Math.min(visit.heldFen + HOLD_STEP_FEN[visit.opening!.visitClass], FEN_MAX),
    ),
    chargeId,
  },
});

const hasWaited = (visit: Visit, charge: Charge): boolean =>
  visit.waiting.includes(charge.chargeId);

export const notDeferred = (visit: Visit, charge: Charge, reason: string): VisitEvent => ({
  type: 'ChargeNotDeferred',
  data: { ...refOf(visit), charge, waited: hasWaited(visit, charge), reason },
});

/**
 * Decides the charge at the head of the queue, or says with `wait` that an answer is needed first.
 */
const decideCharge = (visit: Visit, charge: Charge): readonly VisitEvent[] | 'wait' => {
  if (visit.authorization.state === 'pending') return 'wait';
  if (visit.authorization.state === 'declined')
    return [notDeferred(visit, charge, visit.authorization.reason)];
  if (!visit.coverage) return 'wait';
  if (!findItem(charge.itemCode, visit.coverage.catalogueDate))
    return [notDeferred(visit, charge, 'ITEM_UNKNOWN')];
  const totals: ScopeTotals = addTotals(visit.totals, classify(visit.coverage, charge));
  const patientEstimateFen = settle(visit.coverage, totals).patientFen;
  if (patientEstimateFen > visit.heldFen) {
    return visit.increase ? 'wait' : [requestIncrease(visit, patientEstimateFen, charge.chargeId)];
  }
  const deferred: VisitEvent = {
    type: 'ChargeDeferred',
    data: { ...refOf(visit), charge, waited: hasWaited(visit, charge), totals, patientEstimateFen },
  };
  const nearlyUsed = patientEstimateFen * BASIS_POINTS > visit.heldFen * AHEAD_OF_NEED_BPS;
  const askAhead = nearlyUsed && !visit.increase && !visit.lineUsedUp && visit.heldFen < FEN_MAX;
  return askAhead ? [deferred, requestIncrease(visit, visit.heldFen + 1)] : [deferred];
};

/** Closes an ended visit, or cancels one whose cancellation was reported, as soon as nothing waits any more. */
const closeIfDone = (visit: Visit): readonly VisitEvent[] => {
  const answered =
    visit.authorization.state === 'declined' ||
    (visit.authorization.state === 'granted' && visit.coverage !== undefined);
  if (visit.status !== 'open' || visit.waiting.length > 0 || !answered) return [];
  if (visit.withdrawnAt) return [cancelling(visit, visit.withdrawnAt)];
  if (!visit.endedAt) return [];
  return [closing(visit, visit.endedAt, 1)];
};

/** The cancellation of a visit: nothing of it is owed any more. */
export const cancelling = (visit: Visit, cancelledAt: string): VisitEvent => ({
  type: 'VisitCancelled',
  data: { ...refOf(visit), cancelledAt, grossFen: visit.totals.grossFen },
});

/**
 * The closing of a visit with what is to be settled; a later revision follows a return after
 * closing.
 */
export const closing = (visit: Visit, closedAt: string, revision: number): VisitEvent => ({
  type: 'VisitClosed',
  data: {
    ...refOf(visit),
    visitClass: visit.opening!.visitClass,
    startedAt: visit.opening!.startedAt,
    closedAt,
    revision,
    grossFen: visit.totals.grossFen,
    lines: claimLinesOf(visit),
  },
});

/**
 * Takes a charge back, as it stands now. `place` says where, for a charge whose visit was not
 * opened yet.
 */
export const returning = (
  visit: Visit,
  taken: { readonly returnId: string; readonly chargeId: string; readonly amountFen: number },
  place: Omit<VisitRef, 'personId'>,
): VisitEvent => {
  const { charge, status } = visit.charges.get(taken.chargeId)!;
  const wasDeferred = status === 'deferred' && visit.status !== 'cancelled';
  const totals = wasDeferred
    ? subtractTotals(visit.totals, classify(visit.coverage!, charge))
    : visit.totals;
  const patientEstimateFen = wasDeferred ? settle(visit.coverage!, totals).patientFen : undefined;
  const { returnId, chargeId, amountFen } = taken;
  return {
    type: 'ChargeReturned',
    data: {
      ...place,
      returnId,
      chargeId,
      amountFen,
      wasDeferred,
      waited: hasWaited(visit, charge),
      totals,
      patientEstimateFen,
    },
  };
};

/** Decides what stands at the head of the queue: a charge, or a return in its turn. */
const decideHead = (visit: Visit): readonly VisitEvent[] | 'wait' => {
  const head = visit.waiting[0]!;
  const charge = visit.charges.get(head)?.charge;
  if (charge) return decideCharge(visit, charge);
  const [returnId, taken] = [...visit.waitingReturns].find(([id]) => returnInQueue(id) === head)!;
  return [returning(visit, { returnId, ...taken }, refOf(visit))];
};

/**
 * Adds to `facts` everything that follows from them: waiting charges are decided in the order in
 * which they came, as far as hold and coverage reach, so that a decision never depends on how fast
 * an answer was; then an ended visit closes.
 */
export const withConsequences = (
  visit: Visit,
  facts: readonly VisitEvent[],
): readonly VisitEvent[] => {
  const all = [...facts];
  let state = facts.reduce(evolve, visit);
  const add = (more: readonly VisitEvent[]): void => {
    all.push(...more);
    state = more.reduce(evolve, state);
  };
  while (state.status === 'open' && state.waiting.length > 0) {
    const decided = decideHead(state);
    if (decided === 'wait') break;
    add(decided);
    if (state.increase?.chargeId === state.waiting[0]) break;
  }
  add(closeIfDone(state));
  return all;
};

/**
 * A charge for an open visit with nothing before it is decided at once, without a stop in the
 * queue.
 */
export const decideNewCharge = (
  visit: Visit,
  charge: Charge,
  waits: VisitEvent,
): readonly VisitEvent[] => {
  if (visit.waiting.length > 0) return [waits];
  const decided = decideCharge(visit, charge);
  if (decided === 'wait') return [waits];
  return decided[0]!.type === 'HoldIncreaseRequested' ? [waits, ...decided] : decided;
};

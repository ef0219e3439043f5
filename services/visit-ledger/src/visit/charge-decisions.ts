import { findItem, type Tab } from '@caretab/benefits';
import { type Charge, FEN_MAX, isBeforeItsVisit, type VisitClass } from '@caretab/contracts';
import { assert, BASIS_POINTS } from '@caretab/kernel';
import { closeIfDone } from './closing';
import { type Left, leftAfter } from './part';
import { tabWith, tabWithLess } from './tab';
import type { FactOf, VisitEvent } from './visit-events';
import { evolve } from './visit-evolve';
import {
  type ChargeReturn,
  type OpenedVisit,
  type OpenVisit,
  type Place,
  type RecordedCharge,
  recordedIn,
  type Visit,
} from './visit-state';

/** When more of the hold than this is used, the ledger asks for more ahead of need. */
const AHEAD_OF_NEED_BPS = 7000;

/** By how much a hold should grow at a time. */
const HOLD_STEP_FEN: Readonly<Record<VisitClass, number>> = {
  outpatient: 30_000,
  emergency: 50_000,
  inpatient: 200_000,
};

const requestIncrease = (visit: OpenVisit, neededFen: number, chargeId?: string): VisitEvent => ({
  type: 'HoldIncreaseRequested',
  data: {
    ...visit.ref,
    requestId: `${visit.ref.visitId}/${visit.increasesRequested + 1}`,
    neededFen,
    wantedFen: Math.max(
      neededFen,
      Math.min(visit.heldFen + HOLD_STEP_FEN[visit.opening.visitClass], FEN_MAX),
    ),
    chargeId,
  },
});

const hasWaited = (visit: Visit, charge: Charge): boolean =>
  visit.waiting.includes(charge.chargeId);

/**
 * The charge is not on the tab; the hospital collects it the old way. `personId`: whose it is, where
 * that is not the visit's person.
 */
export const notDeferred = (
  visit: OpenedVisit,
  charge: Charge,
  reason: string,
  personId = visit.ref.personId,
): VisitEvent => ({
  type: 'ChargeNotDeferred',
  data: { ...visit.ref, personId, charge, waited: hasWaited(visit, charge), reason },
});

/**
 * Given after the end that a rule sets: another visit's, also where the clock has yet to end this
 * one, so that no decision depends on when the clock looked.
 */
const isAfterItsEnd = ({ endedAt, endsBy }: OpenVisit, { occurredAt }: Charge): boolean =>
  !endedAt && endsBy !== undefined && Date.parse(occurredAt) > Date.parse(endsBy);

/**
 * Decides the charge at the head of the queue, or says with `wait` that an answer is needed first.
 */
const decideCharge = (visit: OpenVisit, charge: Charge): readonly VisitEvent[] | 'wait' => {
  const reported = visit.charges.get(charge.chargeId)?.personId;
  if (reported !== undefined && reported !== visit.ref.personId)
    return [notDeferred(visit, charge, 'PERSON_DIFFERS', reported)];
  if (isBeforeItsVisit(charge.occurredAt, visit.opening.startedAt))
    return [notDeferred(visit, charge, 'CHARGE_OUTSIDE_VISIT')];
  if (isAfterItsEnd(visit, charge)) return [notDeferred(visit, charge, 'VISIT_CLOSED')];
  if (visit.authorization.state === 'pending') return 'wait';
  if (visit.authorization.state === 'declined')
    return [notDeferred(visit, charge, visit.authorization.reason)];
  const { coverage } = visit;
  if (!coverage) return 'wait';
  if (!findItem(charge.itemCode, coverage.catalogueDate))
    return [notDeferred(visit, charge, 'ITEM_UNKNOWN')];
  const { totals, patientEstimateFen } = tabWith({ ...visit, coverage }, charge);
  if (patientEstimateFen > visit.heldFen) {
    return visit.increase ? 'wait' : [requestIncrease(visit, patientEstimateFen, charge.chargeId)];
  }
  const deferred: VisitEvent = {
    type: 'ChargeDeferred',
    data: { ...visit.ref, charge, waited: hasWaited(visit, charge), totals, patientEstimateFen },
  };
  const nearlyUsed = patientEstimateFen * BASIS_POINTS > visit.heldFen * AHEAD_OF_NEED_BPS;
  const askAhead = nearlyUsed && !visit.increase && !visit.lineUsedUp && visit.heldFen < FEN_MAX;
  return askAhead ? [deferred, requestIncrease(visit, visit.heldFen + 1)] : [deferred];
};

/** The tab once less of a charge is left; undefined where the charge is not on it. */
const tabAfter = (
  visit: Visit,
  recorded: RecordedCharge,
  left: Left | undefined,
): Tab | undefined => {
  if (recorded.status !== 'deferred') return undefined;
  if (visit.status === 'unknown' || visit.status === 'cancelled') return undefined;
  const { coverage } = visit;
  assert(coverage, 'a deferred charge was decided by a coverage');
  return tabWithLess({ ...visit, coverage }, recorded, left);
};

/**
 * Takes a part of a charge back, as it stands now. `place` says where, for a charge whose visit was
 * not opened yet.
 */
export const returning = (
  visit: Visit,
  { returnId, chargeId, amountFen, quantity }: ChargeReturn,
  place: Place,
): FactOf<'ChargeReturned'> => {
  const recorded = recordedIn(visit, chargeId);
  const left = leftAfter(recorded.left, { amountFen, quantity });
  const tab = tabAfter(visit, recorded, left);
  return {
    type: 'ChargeReturned',
    data: {
      ...place,
      returnId,
      chargeId,
      amountFen,
      quantity,
      left,
      wasDeferred: tab !== undefined,
      notDeferredFor: recorded.status === 'not-deferred' ? recorded.reason : undefined,
      waited: hasWaited(visit, recorded.charge),
      totals: tab?.totals ?? visit.totals,
      patientEstimateFen: tab?.patientEstimateFen,
    },
  };
};

/** Decides what stands at the head of the queue: a charge, or a return in its turn. */
const decideHead = (visit: OpenVisit, head: string): readonly VisitEvent[] | 'wait' => {
  const taken = visit.waitingReturns.get(head);
  return taken
    ? [returning(visit, taken, visit.ref)]
    : decideCharge(visit, recordedIn(visit, head).charge);
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
  while (state.status === 'open') {
    const [head] = state.waiting;
    const decided = head === undefined ? closeIfDone(state) : decideHead(state, head);
    if (decided === 'wait' || decided.length === 0) break;
    all.push(...decided);
    state = decided.reduce(evolve, state);
  }
  return all;
};

/**
 * A charge for an open visit with nothing before it is decided at once, without a stop in the
 * queue. `waits` is the fact that puts it there, where an answer is needed first.
 */
export const decideNewCharge = (
  visit: OpenVisit,
  charge: Charge,
  waits: VisitEvent,
): readonly VisitEvent[] => {
  if (visit.waiting.length > 0) return [waits];
  const decided = decideCharge(visit, charge);
  if (decided === 'wait') return [waits];
  return decided[0]?.type === 'HoldIncreaseRequested' ? [waits, ...decided] : decided;
};

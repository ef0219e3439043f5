import { findItem } from '@caretab/benefits';
import { type Charge, DAY_MS, isAfterEnd, type LateChargePolicy } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import { afterEndMs } from './care-order';
import { closingAgain } from './closing';
import { conflict, opened } from './refusals';
import { tabWith } from './tab';
import type { VisitEvent } from './visit-events';
import { evolve } from './visit-evolve';
import { type EndedVisit, isEnded, type Visit } from './visit-state';

export interface LateCharge {
  readonly policy: LateChargePolicy;
  /** A later visit of the person was settled in the same year: its claim stands on this one's. */
  readonly hasLaterClaim: boolean;
  /** So long after the end care may have been given, in ms. */
  readonly orderMs?: number | undefined;
  /** When the ledger took it (RFC 3339). */
  readonly at?: string | undefined;
}

/** The citizen's answer to a late charge, as the desk or the citizen gives it. */
export interface AgreementCommand {
  readonly type: 'AnswerLateCharge';
  readonly data: {
    readonly chargeId: string;
    readonly isAgreed: boolean;
    readonly hasLaterClaim: boolean;
  };
}

const REFUSED = 'LATE_CHARGE_REFUSED';
const UNANSWERED = 'LATE_CHARGE_UNANSWERED';

/** A code to answer with is valid for 30 days from its notice, which follows the charge by a day. */
const ANSWER_MS = 31 * DAY_MS;

const refused = (visit: EndedVisit, charge: Charge, reason: string): readonly VisitEvent[] => [
  {
    type: 'ChargeNotDeferred',
    data: {
      ...visit.ref,
      charge,
      waited: visit.charges.get(charge.chargeId)?.status === 'late',
      reason,
    },
  },
];

/** A settlement is never raised in place: the visit closes again, with the charge. */
const collected = (
  visit: EndedVisit,
  charge: Charge,
  hasLaterClaim: boolean,
): readonly VisitEvent[] => {
  if (hasLaterClaim) return refused(visit, charge, 'LATER_CLAIM_EXISTS');
  const { coverage } = visit;
  assert(coverage, 'a late charge is taken only of a visit with coverage');
  const deferred: VisitEvent = {
    type: 'ChargeDeferred',
    data: {
      ...visit.ref,
      charge,
      waited: visit.charges.get(charge.chargeId)?.status === 'late',
      ...tabWith({ ...visit, coverage }, charge),
    },
  };
  return [deferred, closingAgain(evolve(visit, deferred) as EndedVisit)];
};

/**
 * Decides a charge of a closed visit. It is late where the care was given before the end, or soon
 * after; else it belongs to another visit.
 */
export const decideLateCharge = (
  visit: EndedVisit,
  charge: Charge,
  { policy, hasLaterClaim, orderMs, at }: LateCharge,
): readonly VisitEvent[] => {
  if (isAfterEnd(charge.occurredAt, visit.closedAt, afterEndMs(visit, orderMs)))
    return refused(visit, charge, 'VISIT_CLOSED');
  if (visit.authorization.state === 'declined')
    return refused(visit, charge, visit.authorization.reason);
  if (!visit.coverage || !findItem(charge.itemCode, visit.coverage.catalogueDate))
    return refused(visit, charge, 'ITEM_UNKNOWN');
  if (policy === 'hospital-bears') return refused(visit, charge, 'LATE_CHARGE_HOSPITAL_BEARS');
  if (policy === 'collect') return collected(visit, charge, hasLaterClaim);
  const answerUntil = at && new Date(Date.parse(at) + ANSWER_MS).toISOString();
  return [
    {
      type: 'LateChargeRecorded',
      data: { ...visit.ref, charge, ...(answerUntil && { answerUntil }) },
    },
  ];
};

/** Late charges without an answer by `now` (RFC 3339): their hospital bears them. */
export const expireLateCharges = (visit: Visit, now: string): readonly VisitEvent[] =>
  isEnded(visit)
    ? [...visit.charges.values()].flatMap(({ status, charge, answerUntil }) =>
        status === 'late' && answerUntil && Date.parse(answerUntil) <= Date.parse(now)
          ? refused(visit, charge, UNANSWERED)
          : [],
      )
    : [];

/**
 * Decides the citizen's answer, once. The same answer again yields []. Throws VISIT_UNKNOWN
 * (not-found), CHARGE_NOT_LATE (conflict) where no such charge waits any more or the answer was
 * another.
 */
export const decideAgreement = (
  { data: { chargeId, isAgreed, hasLaterClaim } }: AgreementCommand,
  of: Visit,
): readonly VisitEvent[] => {
  const visit = opened(of);
  const recorded = visit.charges.get(chargeId);
  if (!recorded || !isEnded(visit)) throw conflict('CHARGE_NOT_LATE', visit, { chargeId });
  if (recorded.status !== 'late') {
    const isSame = recorded.reason !== UNANSWERED && isAgreed === (recorded.reason !== REFUSED);
    if (isSame) return [];
    throw conflict('CHARGE_NOT_LATE', visit, { chargeId });
  }
  return isAgreed
    ? collected(visit, recorded.charge, hasLaterClaim)
    : refused(visit, recorded.charge, REFUSED);
};

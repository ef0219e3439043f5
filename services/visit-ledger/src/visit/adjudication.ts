import { addsUp, type Resettlement } from '@caretab/contracts';
import { contentHash } from '@caretab/kernel';
import { closingAgain } from './closing';
import { lenderOf } from './owed';
import { settledIfEven } from './payment';
import { conflict, opened, type Parties } from './refusals';
import type { Verdict, VisitEvent } from './visit-events';
import { evolve } from './visit-evolve';
import { accountOf, isEnded, type OpenedVisit, type Visit } from './visit-state';

/** The insurers' verdict on one closing, or their request that the visit close again. */
export type AdjudicationCommand =
  | {
      readonly of?: Parties;
      readonly type: 'RecordVerdict';
      /** `adjudicatedAt` is RFC 3339. */
      readonly data: Verdict & { readonly adjudicatedAt: string };
    }
  | {
      readonly of?: Parties;
      readonly type: 'SettleAgain';
      readonly data: Resettlement & { readonly revision: number };
    };

/** Throws VISIT_UNKNOWN (not-found), VERDICT_AHEAD (conflict) of a closing that is not in this log. */
const openedWith = (of: Visit, revision: number): OpenedVisit => {
  const visit = opened(of);
  if (revision > visit.revision)
    throw conflict('VERDICT_AHEAD', visit, { revision, known: visit.revision });
  return visit;
};

/**
 * Decides a request of insurers to settle a visit again: it closes under the next revision, with the
 * charges that it has. Of an earlier revision than the last it is superseded, for the claim to come
 * takes its request with it: a repetition yields []. Throws VISIT_UNKNOWN (not-found), VERDICT_AHEAD
 * (conflict).
 */
export const decideResettlement = (
  { data: { revision, requestId, because } }: AdjudicationCommand & { type: 'SettleAgain' },
  of: Visit,
): readonly VisitEvent[] => {
  const visit = openedWith(of, revision);
  if (!isEnded(visit) || revision !== visit.revision) return [];
  const again = closingAgain(visit);
  return [{ ...again, data: { ...again.data, resettles: { requestId, because } } }];
};

/**
 * Decides a verdict: it fixes the due of the revision that it names. Of an earlier revision it is
 * superseded, and a repetition yields []. Throws VISIT_UNKNOWN (not-found); VERDICT_AHEAD,
 * VERDICT_CONFLICT, VERDICT_UNBALANCED, VERDICT_DIFFERS (conflict). Ahead is a verdict on a closing
 * that this log does not have, because it is older than what was published of it.
 */
export const decideAdjudication = (
  { data: { adjudicatedAt, ...verdict } }: AdjudicationCommand & { type: 'RecordVerdict' },
  of: Visit,
): readonly VisitEvent[] => {
  const { revision } = verdict;
  const visit = openedWith(of, revision);
  if (visit.verdict?.revision === revision && contentHash(visit.verdict) !== contentHash(verdict))
    throw conflict('VERDICT_CONFLICT', visit, { revision });
  if (visit.status !== 'closed' || revision !== visit.revision) return [];
  if (!addsUp(verdict)) throw conflict('VERDICT_UNBALANCED', visit, { revision });
  if (verdict.grossFen !== visit.totals.grossFen)
    throw conflict('VERDICT_DIFFERS', visit, { revision, deferredFen: visit.totals.grossFen });
  const lender = lenderOf(visit);
  const adjudicated: VisitEvent = {
    type: 'VisitAdjudicated',
    data: {
      ...visit.ref,
      ...verdict,
      accountPersonId: accountOf(visit),
      closedAt: visit.closedAt,
      previous: visit.verdict,
      insurerSettledAt: adjudicatedAt,
      ...(visit.opening.presence && { presence: visit.opening.presence }),
      ...(lender && { lender }),
    },
  };
  return [adjudicated, ...settledIfEven(evolve(visit, adjudicated), adjudicatedAt)];
};

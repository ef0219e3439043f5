import type { Adjudication, PlanPart } from '@caretab/benefits';
import {
  adjudicationClaims,
  businessDateOf,
  type ContractEvent,
  type ContractMessage,
  insurerSettlements,
  type ClaimLineResult,
  message,
  type PayerPart,
  type visitLedgerVisits,
} from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';

export type VisitOpened = ContractEvent<typeof visitLedgerVisits, 'VisitOpened'>;
export type VisitClosed = ContractEvent<typeof visitLedgerVisits, 'VisitClosed'>;

/** One claim per visit, whatever its revisions. */
export const claimIdOf = (visitId: string): string => derivedId('Claim', visitId);

/** Parts by payer: two plans of one payer are one debt. */
export const byPayer = (parts: readonly PlanPart[]): PayerPart[] => {
  const sums = new Map<string, number>();
  for (const { payerId, amountFen } of parts)
    sums.set(payerId, (sums.get(payerId) ?? 0) + amountFen);
  return [...sums].map(([payerId, amountFen]) => ({ payerId, amountFen }));
};

export const claimAdjudicated = (
  event: VisitClosed,
  verdict: Adjudication,
  now: Date,
): ContractMessage => {
  const { visitId, personId, revision } = event.data;
  const data = {
    visitId,
    personId,
    claimId: claimIdOf(visitId),
    revision,
    grossFen: verdict.totals.grossFen,
    payers: byPayer(verdict.payers),
    patientDueFen: verdict.patientDueFen,
    adjudicatedAt: now.toISOString(),
  };
  return message(adjudicationClaims, 'ClaimAdjudicated', data, {
    id: derivedId('ClaimAdjudicated', visitId, String(revision)),
    time: now,
    source: 'adjudication',
    causedBy: event,
  });
};

interface Posting {
  readonly planId: string;
  readonly payerId: string;
  readonly earlierFen: number;
  readonly totalFen: number;
  readonly lines: readonly ClaimLineResult[];
}

/**
 * What each plan owes now beside what the earlier revision said, also where a plan owes nothing any
 * more.
 */
const postingsOf = (verdict: Adjudication, earlier: readonly PlanPart[]): Posting[] => {
  const earlierOf = (planId: string): number =>
    earlier.find((part) => part.planId === planId)?.amountFen ?? 0;
  const totalOf = (planId: string): number =>
    verdict.payers.find((part) => part.planId === planId)?.amountFen ?? 0;
  const current = verdict.plans.map(({ planId, payerId, lines }) => ({
    planId,
    payerId,
    lines,
    earlierFen: earlierOf(planId),
    totalFen: totalOf(planId),
  }));
  const gone = earlier
    .filter((part) => !verdict.plans.some(({ planId }) => planId === part.planId))
    .map(({ planId, payerId, amountFen }) => ({
      planId,
      payerId,
      lines: [],
      earlierFen: amountFen,
      totalFen: 0,
    }));
  return [...current, ...gone].filter(({ earlierFen, totalFen }) => earlierFen > 0 || totalFen > 0);
};

/**
 * One posting per plan that owes, or owed, anything; an insurer sees its own part of each line only
 * (`payersFen`), never another's. The first falls on the day the visit closed, a correction on the
 * day it was made.
 */
export const settlementsPosted = (
  event: VisitClosed,
  verdict: Adjudication,
  earlier: readonly PlanPart[],
  now: Date,
): ContractMessage[] => {
  const { visitId, personId, institutionId, revision, closedAt } = event.data;
  const claimId = claimIdOf(visitId);
  return postingsOf(verdict, earlier).map(({ planId, payerId, earlierFen, totalFen, lines }) => {
    const settlementId = derivedId('SettlementPosted', claimId, planId, String(revision));
    const data = {
      settlementId,
      claimId,
      visitId,
      institutionId,
      personId,
      planId,
      revision,
      businessDate: businessDateOf(revision === 1 ? closedAt : event.time),
      grossFen: verdict.totals.grossFen,
      postedFen: totalFen - earlierFen,
      totalFen,
      lines: [...lines],
    };
    return message(insurerSettlements(payerId), 'SettlementPosted', data, {
      id: settlementId,
      time: now,
      source: 'adjudication',
      causedBy: event,
    });
  });
};

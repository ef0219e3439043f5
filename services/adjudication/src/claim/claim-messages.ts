import type { Adjudication, PlanPart } from '@caretab/benefits';
import {
  adjudicationClaims,
  businessDateOf,
  type ContractEvent,
  type ContractMessage,
  type EventData,
  insurerSettlements,
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

/** The verdict that a new one takes the place of. */
export interface EarlierVerdict {
  readonly revision: number;
  readonly totals: { readonly grossFen: number };
  readonly payers: readonly PlanPart[];
}

type SettlementPosted = EventData<ReturnType<typeof insurerSettlements>, 'SettlementPosted'>;
interface Row {
  readonly payerId: string;
  readonly posted: Pick<
    SettlementPosted,
    'planId' | 'revision' | 'grossFen' | 'postedFen' | 'totalFen' | 'lines' | 'cancels'
  >;
}

const settlementIdOf = (claimId: string, planId: string, revision: number): string =>
  derivedId('SettlementPosted', claimId, planId, String(revision));

/** The earlier settlement of each plan that owed anything, whole, with the other sign. */
const cancelled = (claimId: string, { revision, totals, payers }: EarlierVerdict): Row[] =>
  payers.map(({ planId, payerId, amountFen }) => ({
    payerId,
    posted: {
      planId,
      revision,
      grossFen: totals.grossFen,
      postedFen: -amountFen,
      totalFen: 0,
      lines: [],
      cancels: settlementIdOf(claimId, planId, revision),
    },
  }));

const settled = (verdict: Adjudication, revision: number): Row[] =>
  verdict.plans.flatMap(({ planId, payerId, lines }) => {
    const totalFen = verdict.payers.find((part) => part.planId === planId)?.amountFen ?? 0;
    const { grossFen } = verdict.totals;
    return totalFen > 0
      ? [
          {
            payerId,
            posted: {
              planId,
              revision,
              grossFen,
              postedFen: totalFen,
              totalFen,
              lines: [...lines],
            },
          },
        ]
      : [];
  });

/**
 * One posting per plan that owes anything; an insurer sees its own part of each line only
 * (`payersFen`), never another's. A settlement is never changed: a later revision first takes the
 * earlier one back whole, in a row that refers to it, then settles the rest under its own number
 * (national interface, transactions 2207 and 2208). The first falls on the day the visit closed, a
 * correction on the day it was made.
 */
export const settlementsPosted = (
  event: VisitClosed,
  verdict: Adjudication,
  earlier: EarlierVerdict | undefined,
  now: Date,
): ContractMessage[] => {
  const { visitId, personId, institutionId, revision, closedAt } = event.data;
  const claimId = claimIdOf(visitId);
  const rows = [...(earlier ? cancelled(claimId, earlier) : []), ...settled(verdict, revision)];
  return rows.map(({ payerId, posted }) => {
    const settlementId = posted.cancels
      ? derivedId('SettlementCancelled', claimId, posted.planId, String(posted.revision))
      : settlementIdOf(claimId, posted.planId, posted.revision);
    const data = {
      settlementId,
      claimId,
      visitId,
      institutionId,
      personId,
      businessDate: businessDateOf(revision === 1 ? closedAt : event.time),
      settledAt: now.toISOString(),
      ...posted,
    };
    return message(insurerSettlements(payerId), 'SettlementPosted', data, {
      id: settlementId,
      time: now,
      source: 'adjudication',
      causedBy: event,
    });
  });
};

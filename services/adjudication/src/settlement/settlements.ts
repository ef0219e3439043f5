import { type Adjudication, benefitKindOf, type PlanPart } from '@caretab/benefits';
import {
  businessDateOf,
  type ClaimLineResult,
  type ContractMessage,
  insurerSettlements,
  message,
} from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import { claimIdOf, type VisitClosed } from '../claim/claim-messages';
import type { ClaimRow } from '../claim/claim.table';
import type { SettlementRow } from './settlement.table';

/** The verdict that a new one takes the place of. */
export type EarlierVerdict = Pick<ClaimRow, 'revision' | 'totals' | 'payers' | 'effects'>;

type Common = 'claimId' | 'visitId' | 'institutionId' | 'personId' | 'businessDate' | 'settledAt';
type Own = Omit<SettlementRow, Common>;

export const settlementIdOf = (claimId: string, planId: string, revision: number): string =>
  derivedId('SettlementPosted', claimId, planId, String(revision));

/** The earlier settlement of each plan that owed anything, whole, with the other sign. */
const cancelled = (
  claimId: string,
  { revision, totals, payers, effects }: EarlierVerdict,
  kind: SettlementRow['benefit'],
): Own[] =>
  payers.map(({ planId, payerId, amountFen, fundFen, personalAccountFen }) => ({
    ...{ planId, payerId, revision },
    settlementId: derivedId('SettlementCancelled', claimId, planId, String(revision)),
    benefit: effects.find((effect) => effect.planId === planId)?.benefit ?? kind,
    grossFen: -totals.grossFen,
    postedFen: -amountFen,
    // No amount is a negative zero.
    fundFen: 0 - fundFen,
    personalAccountFen: 0 - personalAccountFen,
    totalFen: 0,
    cancels: settlementIdOf(claimId, planId, revision),
  }));

const settled = (
  claimId: string,
  { totals, payers }: Adjudication,
  revision: number,
  benefit: SettlementRow['benefit'],
): Own[] =>
  payers
    .filter(({ amountFen }) => amountFen > 0)
    .map(({ planId, payerId, amountFen, fundFen, personalAccountFen }: PlanPart) => ({
      ...{ planId, payerId, revision, benefit, fundFen, personalAccountFen },
      settlementId: settlementIdOf(claimId, planId, revision),
      grossFen: totals.grossFen,
      postedFen: amountFen,
      totalFen: amountFen,
      cancels: null,
    }));

/**
 * One posting per plan that owes anything. A settlement is never changed: a later revision first
 * takes the earlier one back whole, in a row that refers to it, then settles the rest under its own
 * number (national interface, transactions 2207 and 2208). The first falls on the day the visit
 * closed, a correction on the day it was made.
 */
export const settlementsOf = (
  event: VisitClosed,
  verdict: Adjudication,
  earlier: EarlierVerdict | undefined,
  now: Date,
): SettlementRow[] => {
  const { visitId, personId, institutionId, visitClass, revision, closedAt } = event.data;
  const claimId = claimIdOf(visitId);
  const kind = benefitKindOf(visitClass);
  const businessDate = businessDateOf(revision === 1 ? closedAt : event.time);
  return [
    ...(earlier ? cancelled(claimId, earlier, kind) : []),
    ...settled(claimId, verdict, revision, kind),
  ].map((own) => ({
    ...{ claimId, visitId, institutionId, personId, businessDate, settledAt: now },
    ...own,
  }));
};

/**
 * Settlements to their insurers: each sees its own part of each line only (`payersFen`), never
 * another's.
 */
export const settlementsPosted = (
  event: VisitClosed,
  verdict: Adjudication,
  settlements: readonly SettlementRow[],
): ContractMessage[] => {
  const linesOf = new Map<string, readonly ClaimLineResult[]>(
    verdict.plans.map(({ planId, lines }) => [planId, lines]),
  );
  return settlements.map(({ payerId, settlementId, settledAt, cancels, ...row }) => {
    const { benefit: _, fundFen: __, personalAccountFen: ___, ...posted } = row;
    const data = {
      ...posted,
      settlementId,
      settledAt: settledAt.toISOString(),
      grossFen: Math.abs(row.grossFen),
      lines: cancels === null ? [...(linesOf.get(row.planId) ?? [])] : [],
      ...(cancels !== null && { cancels }),
    };
    return message(insurerSettlements(payerId), 'SettlementPosted', data, {
      id: settlementId,
      time: settledAt,
      source: 'adjudication',
      causedBy: event,
    });
  });
};

import type { Adjudication, PlanPart } from '@caretab/benefits';
import {
  adjudicationClaims,
  type ContractEvent,
  type ContractMessage,
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

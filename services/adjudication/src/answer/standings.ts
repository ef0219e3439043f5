import type { Transaction } from '@caretab/store';
import type { ClaimRow } from '../claim/claim.table';
import { settlementIdOf } from '../settlement/settlements';
import { deductionTable, standingTable } from './answer.table';
import { cancelledOf } from './standing';

type Settled = Pick<
  ClaimRow,
  'claimId' | 'visitId' | 'institutionId' | 'revision' | 'payers' | 'adjudicatedAt'
>;

/** What was deducted of a settlement counts no longer. */
export const endDeductions = async (
  transaction: Transaction,
  settlementId: string,
  endedAt: Date,
): Promise<void> => {
  const rows = transaction.rows(deductionTable);
  const counting = await rows.find({ settlementId, endedAt: null });
  await rows.save(...counting.map((row) => ({ ...row, endedAt })));
};

/** Settlements of the earlier revision are taken back, those of this one are submitted. */
export const keepStandings = async (
  transaction: Transaction,
  claim: Settled,
  earlier: Settled | undefined,
): Promise<void> => {
  const rows = transaction.rows(standingTable);
  const { claimId, visitId, institutionId, revision, adjudicatedAt } = claim;
  for (const { planId } of earlier?.payers ?? []) {
    const settlementId = settlementIdOf(claimId, planId, earlier!.revision);
    const row = await rows.get({ settlementId }, { lock: 'wait' });
    // Of earlier releases' settlements there is none.
    if (!row) continue;
    await rows.save({ ...row, ...cancelledOf(row) });
    await endDeductions(transaction, settlementId, adjudicatedAt);
  }
  const owing = claim.payers.filter(({ amountFen }) => amountFen > 0);
  await rows.insert(
    ...owing.map(({ planId, payerId, amountFen }) => ({
      settlementId: settlementIdOf(claimId, planId, revision),
      ...{ payerId, planId, claimId, visitId, institutionId, revision },
      ...{ settledAt: adjudicatedAt, state: 'submitted' as const, postedFen: amountFen },
      ...{ deductedFen: 0, remittedFen: 0, answers: 0, answeredAt: null },
    })),
  );
};

import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { claimLineTable, claimTable } from '../claim/claim.table';
import type { StandingRow } from './answer.table';

interface Deduction {
  readonly chargeId?: string | undefined;
  readonly amountFen: number;
}

/** What the settlement's plan bears of each line of its claim, by charge. */
const lineParts = async (
  transaction: Transaction,
  { visitId, revision, planId }: StandingRow,
): Promise<ReadonlyMap<string, number>> => {
  const claim = await transaction.rows(claimTable).get({ visitId, revision });
  const fund = claim?.verdict?.plans.find(({ plan }) => plan === planId)?.lines;
  const account = claim?.verdict?.accounts.find((part) => part.account === planId)?.lines;
  const lines = await transaction.rows(claimLineTable).find({ visitId, revision });
  return new Map(
    lines.map(({ chargeId, place }) => [chargeId, (fund?.[place] ?? 0) + (account?.[place] ?? 0)]),
  );
};

/** Throws ANSWER_ABOVE_POSTED (invalid) for a line of another claim, or above the plan's part. */
export const assertWithinLines = async (
  transaction: Transaction,
  standing: StandingRow,
  deductions: readonly Deduction[],
): Promise<void> => {
  if (deductions.every(({ chargeId }) => chargeId === undefined)) return;
  const left = new Map(await lineParts(transaction, standing));
  for (const [at, { chargeId, amountFen }] of deductions.entries()) {
    if (chargeId === undefined) continue;
    const rest = (left.get(chargeId) ?? 0) - amountFen;
    if (rest < 0)
      throw new DomainError('ANSWER_ABOVE_POSTED', 'invalid', {
        field: `/deductions/${at}`,
        why: 'the plan bears less of this line; deduct at most its part of the line',
      });
    left.set(chargeId, rest);
  }
};

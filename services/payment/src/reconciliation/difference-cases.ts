import { derivedId } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { closeCases, openCase } from '../case/open-case';
import type { Difference, ReconciliationRow } from './reconciliation.table';

/**
 * What a difference needs, as its case proposes it. `query`: ask the channel for the order ·
 * `adopt`: book what only the channel has · `adjust`: declare or correct the amount.
 */
const REPAIRS = {
  'only-ours': 'query',
  'only-theirs': 'adopt',
  'amounts-differ': 'adjust',
} as const;
type Kept = Difference & { readonly what: keyof typeof REPAIRS };

const REASONS = {
  'only-ours': 'ONLY_OURS',
  'only-theirs': 'ONLY_THEIRS',
  'amounts-differ': 'AMOUNTS_DIFFER',
} as const;

/** Rows that are neither capture nor refund have a case of their own. */
const isKept = (difference: Difference): difference is Kept => difference.what !== 'other';

const subjectOf = (date: string, { what, kind, id }: Difference): string =>
  derivedId('difference', date, what, kind, id);

/**
 * Each difference of a day that is kept has a case, with what both sides say and a proposed repair; it
 * ends by itself once the day, compared again, has it no more.
 */
export const keepDifferenceCases = async (
  transaction: Transaction,
  { date, differences }: Pick<ReconciliationRow, 'date' | 'differences'>,
  { before, now }: { readonly before: readonly Difference[]; readonly now: Date },
): Promise<void> => {
  const open = new Set<string>();
  for (const difference of differences.filter(isKept)) {
    const { what, kind, id, oursFen, theirsFen } = difference;
    const subjectId = subjectOf(date, difference);
    open.add(subjectId);
    await openCase(
      transaction,
      {
        ...{ kind: 'difference', subjectId, visitId: null, reason: REASONS[what] },
        amountFen: Math.abs((oursFen ?? 0) - (theirsFen ?? 0)),
        asked: { date, kind, id, repair: REPAIRS[what], ...(oursFen !== null && { oursFen }) },
        answered: theirsFen === null ? null : { theirsFen },
      },
      now,
    );
  }
  for (const difference of before.filter(isKept)) {
    const subjectId = subjectOf(date, difference);
    if (!open.has(subjectId))
      await closeCases(transaction, subjectId, { resolution: 'answered', now });
  }
};

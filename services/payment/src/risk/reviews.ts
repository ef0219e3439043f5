import type { Transaction } from '@caretab/store';
import type { CaseResolution } from '../case/case.table';
import { openCase } from '../case/open-case';
import { refused } from '../collection/attempts';
import { type CollectionRow, collectionTable } from '../collection/collection.table';
import { collectibleFen } from '../collection/owed';

export const RISK = 'RISK_HELD';
const REFUSED = 'RISK_REFUSED';

/** A debit that rules hold: the collection waits, and staff have a case with the rules' names. */
export const heldForReview = async (
  transaction: Transaction,
  row: CollectionRow,
  { rules, version, now }: { rules: readonly string[]; version: string; now: Date },
): Promise<CollectionRow> => {
  const { paymentId, visitId } = row;
  const amountFen = collectibleFen(row);
  await openCase(
    transaction,
    {
      ...({ kind: 'risk', subjectId: paymentId, visitId, amountFen, reason: RISK } as const),
      asked: { paymentId, amountFen, rules: rules.join(' '), version },
      answered: null,
    },
    now,
  );
  return { ...row, status: 'in-review', nextAttemptAt: null };
};

/**
 * What staff decide of a held debit. `released`: it is collected, and up to this amount it is not
 * held again · `refused`: no account is debited, and who pays is informed · `noted`: it was paid or
 * taken back since. Returns why it is none of these; then nothing was written.
 */
export const endReview = async (
  transaction: Transaction,
  row: CollectionRow,
  { resolution, now }: { readonly resolution: CaseResolution; readonly now: Date },
): Promise<string | undefined> => {
  if (row.status !== 'in-review')
    return resolution === 'noted' ? undefined : 'nothing is held any more: only noted';
  const rows = transaction.rows(collectionTable);
  if (resolution === 'released')
    await rows.save({
      ...{ ...row, status: 'due', nextAttemptAt: now },
      reviewedFen: collectibleFen(row),
    });
  else if (resolution === 'refused') await rows.save(refused(transaction, row, now, REFUSED));
  else return 'a held debit is released or refused';
  return undefined;
};

import { derivedId } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { type ClearingRow, clearingTable, type Party } from '../clearing/clearing.table';
import { payoutTable } from '../clearing/payout.table';
import type { Decided } from '../case/open-case';
import { noteOpen } from '../clearing/payouts';
import type { BankEntry } from './iso20022/bank-statement';
import type { EntryMeaning } from './bank-report.table';

/** What a movement means, and why nothing fits it. */
export interface Judged {
  readonly meaning: EntryMeaning;
  readonly reason?: string;
}

/** A movement with its id, and whose account it is of. */
export interface Line extends BankEntry {
  readonly entryId: string;
  readonly reportId: string;
  /** Null: the settlement account. */
  readonly institutionId: string | null;
}

export const unmatched = (reason: string): Judged => ({ meaning: 'unmatched', reason });

export const lockedClearing = async (
  transaction: Transaction,
  where: Partial<Pick<ClearingRow, 'clearingId' | 'businessDate'>>,
): Promise<ClearingRow | undefined> =>
  await transaction.rows(clearingTable).get(where, { lock: 'wait' });

/** A line of a clearing that no operator booked: the bank's report is its evidence. */
export const addLine = async (
  transaction: Transaction,
  clearing: ClearingRow,
  of: { readonly party: Party; readonly partyId: string; readonly amountFen: number },
  {
    line: { entryId, reportId, reference, valueDate, ...given },
    now,
  }: {
    readonly line: Pick<Line, 'entryId' | 'reportId' | 'reference' | 'valueDate'> &
      Partial<Decided>;
    readonly now: Date;
  },
): Promise<void> => {
  const { clearingId } = clearing;
  const { declaredBy = 'bank', approvedBy = reportId } = given;
  if (of.amountFen !== 0)
    await transaction.rows(payoutTable).insert({
      bankReference: derivedId('payout-line', entryId, clearingId, of.party, of.partyId),
      ...{ clearingId, ...of, valueDate: valueDate! },
      ...{ declaredBy, approvedBy, bookedAt: now },
      evidence: given.evidence ?? `${reportId} ${reference}`,
    });
  await noteOpen(transaction, clearing);
};

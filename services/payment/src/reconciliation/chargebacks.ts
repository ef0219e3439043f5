import type { Transaction } from '@caretab/store';
import type { Recorded } from '../journal/book-day';
import { journalEntryTable } from '../journal/journal-entry.table';
import { accounts, type Change, post } from '../journal/journal';
import type { StatementRow } from './statement-row.table';

/** won: the channel gives the money back. lost: it is a loss of the operator's. */
export type ChargebackOutcome = 'won' | 'lost';

/** Whether the row's money stands on the chargebacks' account until its dispute is decided. */
export const isChargeback = ({ account }: Pick<StatementRow, 'account'>): boolean =>
  account === accounts.chargebacks;

/**
 * Books the end of a dispute, once: what the row took leaves `receivable/chargebacks`, for the
 * channel that owes it again, or for the losses. The visit's own money does not move.
 */
export const bookChargeback = async (
  transaction: Transaction,
  { rowId }: Pick<StatementRow, 'rowId'>,
  { outcome, recorded }: { readonly outcome: ChargebackOutcome; readonly recorded: Recorded },
): Promise<void> => {
  const taken = await transaction
    .rows(journalEntryTable)
    .find({ reference: `statement/${rowId}` }, { orderBy: 'entryId' });
  const back = taken.map(({ account, debitFen, creditFen }): Change => ({
    account: account === accounts.chargebacks || outcome === 'won' ? account : accounts.losses,
    amountFen: creditFen - debitFen,
  }));
  await post(transaction, `chargeback/${rowId}`, back, recorded);
};

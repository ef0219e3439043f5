import type { Transaction } from '@caretab/store';
import type { CollectionRow } from '../collection/collection.table';
import { openFen } from '../collection/owed';
import { writeOffReduced } from '../collection/write-off-events';
import { bookDayOf, type Recorded } from '../journal/book-day';
import { accounts, type Change, lenderAccount, post } from '../journal/journal';
import { type WriteOffRow, writeOffTable } from './write-off.table';

/**
 * Who lent a due bears its loss: what patients owe us, and we owe the lender once they pay, is less by
 * it. Clearing moves what was paid, so it is the same with a write-off and without.
 */
export const writeOffChanges = (row: CollectionRow, amountFen: number): Change[] => [
  { account: lenderAccount(row), amountFen },
  { account: accounts.patients, amountFen: -amountFen },
];

/** Why less is written off: an order that was captured, or a revision of the verdict. */
type Cause = { readonly orderId: string } | { readonly revision: number };

/**
 * No more is written off than is owed: what a payment or a later verdict covers comes back into the
 * books. A payment covers first what is not written off. Returns the collection, not yet saved.
 */
export const withinOwed = async (
  transaction: Transaction,
  row: CollectionRow,
  cause: Cause,
  recorded: Recorded,
): Promise<CollectionRow> => {
  const leftFen = Math.min(row.writtenOffFen, Math.max(0, openFen(row)));
  const amountFen = row.writtenOffFen - leftFen;
  if (amountFen === 0) return row;
  const isPaid = 'orderId' in cause;
  const { visitId } = row;
  const movementId = isPaid
    ? `recovery/${cause.orderId}`
    : `write-off-revised/${visitId}/${cause.revision}`;
  const movement: WriteOffRow = {
    ...{ movementId, visitId, kind: isPaid ? 'recovered' : 'revised', amountFen },
    ...{ reason: null, evidence: null, declaredBy: null, approvedBy: null },
    orderId: isPaid ? cause.orderId : null,
    ...{ at: recorded.now, bookedOn: bookDayOf(recorded) },
  };
  await transaction.rows(writeOffTable).insert(movement);
  await post(transaction, movementId, writeOffChanges(row, -amountFen), recorded);
  const reduced = { ...row, writtenOffFen: leftFen };
  transaction.publish(writeOffReduced(reduced, movement));
  return reduced;
};

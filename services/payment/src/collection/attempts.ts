import { assert, derivedId } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { CollectionRow } from './collection.table';
import { collectibleFen, evenStatus, isOffered, openFen } from './owed';
import { paymentDeclined } from './payment-events';

/** Whose bound accounts these are to be collected from: the person offered none. */
export const debited = (rows: readonly CollectionRow[]): string[] =>
  rows
    .filter((row) => row.status === 'due' && !isOffered(row))
    .map(({ accountPersonId }) => accountPersonId);

export const nextOrderId = ({ paymentId, orders }: CollectionRow): string =>
  derivedId('order', paymentId, String(orders + 1));

/** A collection after one more attempt: what was offered for it is used up. */
export const tried = (row: CollectionRow): CollectionRow => ({
  ...row,
  attempts: row.attempts + 1,
  orders: row.orders + 1,
  offeredChannel: null,
  offeredToken: null,
});

/** An attempt without an account: declined for good, without an order. */
export const refused = (
  transaction: Transaction,
  row: CollectionRow,
  now: Date,
  reason = 'NO_BOUND_ACCOUNT',
): CollectionRow => {
  const attempt = row.attempts + 1;
  const [orderId, amountFen] = [nextOrderId(row), openFen(row)];
  assert(amountFen > 0, 'a collection is due only while something is owed');
  const final = collectibleFen(row) > 0;
  const status = final ? 'declined' : evenStatus(row);
  transaction.publish(paymentDeclined(row, { orderId, amountFen, reason, attempt, final }, now));
  return { ...tried(row), status, nextAttemptAt: null, declineReason: reason };
};

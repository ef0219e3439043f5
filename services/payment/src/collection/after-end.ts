import { assert } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { closeCases, openCase } from '../case/open-case';
import type { Answered, PaymentOutcome } from '../channel/channel';
import type { Recorded } from '../journal/book-day';
import { bookCapture } from './capture';
import { type CollectionRow, collectionTable } from './collection.table';
import { captureTable, type OrderRow, orderTable } from './order.table';
import { collectibleFen, evenStatus } from './owed';
import { paymentContradicted } from './payment-events';

/**
 * What an answer adds to an order that has ended. Captured after it was declined or declared failed:
 * booked, and what is then above the due goes back. Anything else than before about captured money:
 * a case, and nothing moves. The same again, or no clear answer: nothing.
 */
export const recordAfterEnd = async (
  transaction: Transaction,
  row: CollectionRow,
  { order, outcome }: { readonly order: OrderRow; readonly outcome: PaymentOutcome },
  recorded: Recorded,
): Promise<void> => {
  const { now } = recorded;
  if (order.status === 'captured') {
    const doubt = await doubtOf(transaction, order, outcome);
    if (doubt) await openDoubt(transaction, row, order, { ...doubt, now });
    return;
  }
  if (outcome.status === 'captured')
    return bookEnded(transaction, row, { order, outcome, late: true }, recorded);
  if (outcome.status === 'contradiction')
    return openDoubt(transaction, row, order, { ...outcome, now });
  if (outcome.status === 'declined' && order.status === 'failed') {
    const { reason } = outcome;
    await transaction
      .rows(orderTable)
      .save({ ...order, status: 'declined', reason, nextAttemptAt: null });
    await closeCases(transaction, order.orderId, { resolution: 'answered', now });
  }
};

/** Books a capture of an order that has ended, or that was adopted, and settles the collection. */
export const bookEnded = async (
  transaction: Transaction,
  row: CollectionRow,
  captured: Parameters<typeof bookCapture>[2],
  recorded: Recorded,
): Promise<void> => {
  const paid = await bookCapture(transaction, row, captured, recorded);
  const isOut = row.status === 'sending' || row.status === 'unresolved';
  const isEven = !isOut && collectibleFen(paid) <= 0;
  await transaction
    .rows(collectionTable)
    .save(
      isEven
        ? { ...paid, status: evenStatus(paid), nextAttemptAt: null, declineReason: null }
        : paid,
    );
};

/** Why an answer casts doubt on a capture; undefined where it does not. */
const doubtOf = async (
  transaction: Transaction,
  { orderId }: OrderRow,
  outcome: PaymentOutcome,
): Promise<{ readonly reason: string; readonly answered: Answered } | undefined> => {
  if (outcome.status === 'contradiction') return outcome;
  if (outcome.status === 'declined')
    return {
      reason: 'DECLINED_AFTER_CAPTURED',
      answered: { status: 'declined', reason: outcome.reason },
    };
  if (outcome.status === 'not-found')
    return { reason: 'UNKNOWN_AFTER_CAPTURED', answered: { status: 'not-found' } };
  if (outcome.status !== 'captured') return undefined;
  const known = await transaction.rows(captureTable).get({ orderId });
  assert(known, 'a captured order has its capture');
  const { amountFen, reference } = outcome;
  return known.amountFen === amountFen && known.reference === reference
    ? undefined
    : { reason: 'CAPTURED_OTHERWISE', answered: { status: 'captured', amountFen, reference } };
};

/** An answer that does not fit its order, or an earlier answer, opens a case and moves nothing. */
export const openDoubt = async (
  transaction: Transaction,
  row: CollectionRow,
  { orderId, visitId, amountFen }: OrderRow,
  { reason, answered, now }: { reason: string; answered: Answered; now: Date },
): Promise<void> => {
  const { caseId, isNew } = await openCase(
    transaction,
    {
      kind: 'order',
      subjectId: orderId,
      visitId,
      amountFen,
      reason,
      asked: { orderId, amountFen, currency: 'CNY' },
      answered,
    },
    now,
  );
  if (isNew)
    transaction.publish(paymentContradicted(row, { orderId, amountFen }, { caseId, reason, now }));
};

import type { Transaction } from '@caretab/store';
import { closeCases } from '../case/open-case';
import type { PaymentOutcome } from '../channel/channel';
import { bookDayOf, channelDayOf, type Recorded } from '../journal/book-day';
import { accounts, post } from '../journal/journal';
import { requestRefund } from '../refund/request-refund';
import { withinOwed } from '../write-off/recovery';
import { type CollectionRow, uncleared } from './collection.table';
import { type CaptureRow, captureTable, COUNTER, type OrderRow, orderTable } from './order.table';
import { paymentCaptured } from './payment-events';

/** Who has the money: the channel; or the hospital, to which so much less is owed. */
const takerOf = ({ institutionId }: CollectionRow, { way, channel }: CaptureRow): string =>
  way === 'counter' ? accounts.institution(institutionId) : accounts.channel(channel);

/**
 * Books what the channel captured of an order: rows, journal, event, and a refund of what is then
 * above the due. Returns the collection with the money, not yet saved. `late`: the order had ended
 * as declined or failed before. `adopted`: it was unknown here, and may be known to others.
 */
export const bookCapture = async (
  transaction: Transaction,
  row: CollectionRow,
  {
    order,
    outcome,
    late,
    adopted = false,
  }: {
    readonly order: OrderRow;
    readonly outcome: PaymentOutcome & { readonly status: 'captured' };
    readonly late: boolean;
    readonly adopted?: boolean;
  },
  recorded: Recorded,
): Promise<CollectionRow> => {
  const { now } = recorded;
  const bookedOn = bookDayOf(recorded);
  const { orderId, visitId, channel } = order;
  const { amountFen, reference, at } = outcome;
  const captured: CaptureRow = {
    orderId,
    visitId,
    amountFen,
    channel,
    way: channel === COUNTER ? 'counter' : 'channel',
    reference,
    capturedAt: at,
    ...channelDayOf(outcome, recorded.policy),
    bookedOn,
  };
  await transaction.rows(captureTable).insert(captured);
  await transaction.rows(orderTable).save({
    ...order,
    status: 'captured',
    sealedToken: null,
    endedAt: now,
    nextAttemptAt: null,
  });
  await closeCases(transaction, orderId, { resolution: 'answered', now });
  await post(
    transaction,
    `capture/${orderId}`,
    [
      { account: takerOf(row, captured), amountFen },
      { account: accounts.patients, amountFen: -amountFen },
    ],
    recorded,
  );
  transaction.publish(
    paymentCaptured(row, captured, { orderedFen: order.amountFen, late, adopted, now }),
  );
  const paid = uncleared({ ...row, capturedFen: row.capturedFen + amountFen }, bookedOn);
  const kept = await requestRefund(transaction, paid, now);
  return withinOwed(transaction, kept, { orderId }, recorded);
};

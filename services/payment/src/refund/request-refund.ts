import { assert, derivedId } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { CollectionRow } from '../collection/collection.table';
import { captureTable } from '../collection/order.table';
import { openFen, spreadRefund } from '../collection/owed';
import { refundTable } from './refund.table';

/**
 * Asks back what was captured above the due, by the orders that brought it. Returns the collection
 * as it then stands.
 */
export const requestRefund = async (
  transaction: Transaction,
  row: CollectionRow,
  now: Date,
): Promise<CollectionRow> => {
  const overFen = -openFen(row);
  if (overFen <= 0) return row;
  const captures = await transaction
    .rows(captureTable)
    .find({ visitId: row.visitId }, { orderBy: 'capturedAt', descending: true });
  const refunds = await transaction.rows(refundTable).find({ visitId: row.visitId });
  const refundable = captures.map(({ orderId, amountFen }) => ({
    orderId,
    leftFen:
      amountFen -
      refunds
        .filter((refund) => refund.orderId === orderId)
        .reduce((sum, refund) => sum + refund.amountFen, 0),
  }));
  const parts = spreadRefund(overFen, refundable);
  assert(
    parts.reduce((sum, { amountFen }) => sum + amountFen, 0) === overFen,
    'no more goes back than came in',
  );
  const channels = new Map(captures.map(({ orderId, channel }) => [orderId, channel]));
  await transaction.rows(refundTable).insert(
    ...parts.map(({ orderId, amountFen }) => ({
      refundId: derivedId('refund', row.visitId, String(row.revision), orderId),
      visitId: row.visitId,
      orderId,
      amountFen,
      channel: channels.get(orderId)!,
      status: 'due' as const,
      inquiries: 0,
      nextAttemptAt: now,
      lease: 0,
      reference: null,
      reason: null,
      refundedAt: null,
      channelDate: null,
    })),
  );
  return { ...row, refundingFen: row.refundingFen + overFen };
};

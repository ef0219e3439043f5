import { businessDateOf } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { PaymentOutcome } from '../channel/channel';
import { accounts, post } from '../journal/journal';
import { requestRefund } from '../refund/request-refund';
import { type CollectionRow, collectionTable } from './collection.table';
import { type CaptureRow, captureTable, type OrderRow, orderTable } from './order.table';
import { openFen } from './owed';
import { paymentCaptured, paymentDeclined } from './payment-events';
import { type CollectionPolicy, inquiryDelayMs } from './policy';

interface Context {
  readonly now: Date;
  readonly policy: CollectionPolicy;
}

const after = (now: Date, delayMs: number): Date => new Date(now.getTime() + delayMs);

/**
 * Records what the channel said of an order: rows, journal and events in the caller's transaction.
 * An order whose outcome is known is left as it is.
 */
export const recordOutcome = async (
  transaction: Transaction,
  orderId: string,
  outcome: PaymentOutcome,
  context: Context,
): Promise<void> => {
  const { visitId } = (await transaction.rows(orderTable).get({ orderId })) ?? {};
  assert(visitId, 'an outcome belongs to an order that was written down');
  const row = await transaction.rows(collectionTable).get({ visitId }, { lock: 'wait' });
  const order = await transaction.rows(orderTable).get({ orderId });
  assert(row && order, 'an order belongs to a collection');
  if (order.status !== 'sending') return;
  if (outcome.status === 'captured')
    await capture(transaction, row, order, { outcome, now: context.now });
  else if (outcome.status === 'declined')
    await decline(transaction, row, order, { ...context, reason: outcome.reason });
  else await stayUnknown(transaction, row, order, context);
};

const capture = async (
  transaction: Transaction,
  row: CollectionRow,
  order: OrderRow,
  { outcome, now }: { outcome: PaymentOutcome & { status: 'captured' }; now: Date },
): Promise<void> => {
  const { orderId, visitId, amountFen, channel } = order;
  const captured: CaptureRow = {
    orderId,
    visitId,
    amountFen,
    channel,
    reference: outcome.reference,
    capturedAt: outcome.at,
    channelDate: businessDateOf(outcome.at),
  };
  await transaction.rows(captureTable).insert(captured);
  await transaction
    .rows(orderTable)
    .save({ ...order, status: 'captured', sealedToken: null, endedAt: now });
  await post(
    transaction,
    `capture/${orderId}`,
    [
      { account: accounts.channel(channel), amountFen },
      { account: accounts.patients, amountFen: -amountFen },
    ],
    now,
  );
  const paid = await requestRefund(
    transaction,
    {
      ...row,
      capturedFen: row.capturedFen + amountFen,
      orderId: null,
      declineReason: null,
      clearing: 'pending',
    },
    now,
  );
  // A later verdict may have raised the due while the order was out: the rest is collected next.
  const rest = openFen(paid) > 0;
  await transaction.rows(collectionTable).save({
    ...paid,
    status: rest ? 'due' : 'paid',
    attempts: rest ? 0 : paid.attempts,
    nextAttemptAt: rest ? now : null,
  });
  transaction.publish(paymentCaptured(row, captured, now));
};

const decline = async (
  transaction: Transaction,
  row: CollectionRow,
  order: OrderRow,
  { reason, now, policy }: Context & { reason: string },
): Promise<void> => {
  const { orderId, amountFen, attempt } = order;
  await transaction
    .rows(orderTable)
    .save({ ...order, status: 'declined', reason, sealedToken: null, endedAt: now });
  const owing = openFen(row) > 0;
  const final = owing && (attempt >= policy.attemptsMax || row.status === 'unresolved');
  const next = !owing
    ? ({ status: 'paid', nextAttemptAt: null } as const)
    : final
      ? ({ status: 'declined', nextAttemptAt: null } as const)
      : ({ status: 'due', nextAttemptAt: after(now, policy.retryDelayMs) } as const);
  await transaction
    .rows(collectionTable)
    .save({ ...row, ...next, orderId: null, declineReason: owing ? reason : null });
  // Of an order that was given up the ledger has heard already.
  if (row.status === 'sending')
    transaction.publish(paymentDeclined(row, { orderId, amountFen, reason, attempt, final }, now));
};

const stayUnknown = async (
  transaction: Transaction,
  row: CollectionRow,
  order: OrderRow,
  { now, policy }: Context,
): Promise<void> => {
  const givesUp =
    row.status === 'sending' && now.getTime() - order.startedAt.getTime() >= policy.giveUpAfterMs;
  const declineReason = givesUp ? 'OUTCOME_UNKNOWN' : row.declineReason;
  await transaction.rows(collectionTable).save({
    ...row,
    declineReason,
    status: givesUp ? 'unresolved' : row.status,
    inquiries: row.inquiries + 1,
    nextAttemptAt: after(now, inquiryDelayMs(policy, row.inquiries)),
  });
  if (givesUp)
    transaction.publish(
      paymentDeclined(
        row,
        {
          orderId: order.orderId,
          isUnknown: true,
          amountFen: order.amountFen,
          reason: 'OUTCOME_UNKNOWN',
          attempt: order.attempt,
          final: true,
        },
        now,
      ),
    );
};

import { businessDateOf } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { retryDelayMs } from '@caretab/work-queue';
import type { PaymentOutcome } from '../channel/channel';
import { accounts, post } from '../journal/journal';
import { requestRefund } from '../refund/request-refund';
import { type CollectionRow, collectionTable } from './collection.table';
import { type CaptureRow, captureTable, type OrderRow, orderTable } from './order.table';
import { openFen } from './owed';
import { paymentCaptured, paymentDeclined } from './payment-events';
import type { CollectionPolicy } from './policy';

interface Context {
  readonly now: Date;
  readonly policy: CollectionPolicy;
}

const after = (now: Date, delayMs: number): Date => new Date(now.getTime() + delayMs);

/**
 * Records the outcome of an order in the caller's transaction: rows, journal and events. `row` is
 * the order's collection, locked. An order whose outcome is known stays as it is.
 */
export const recordOutcome = async (
  transaction: Transaction,
  row: CollectionRow,
  { orderId, outcome }: { readonly orderId: string; readonly outcome: PaymentOutcome },
  context: Context,
): Promise<void> => {
  const order = await transaction.rows(orderTable).get({ orderId });
  assert(order?.visitId === row.visitId, 'an order belongs to its collection');
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
      : ({
          status: 'due',
          nextAttemptAt: after(now, policy.retryDelayMs),
        } as const);
  await transaction
    .rows(collectionTable)
    .save({ ...row, ...next, orderId: null, declineReason: owing ? reason : null });
  // An order whose outcome was unknown for too long was published as declined before.
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
    nextAttemptAt: after(now, retryDelayMs(policy.resolveDelaysMs, row.inquiries, order.orderId)),
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

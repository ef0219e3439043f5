import { assert } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { retryDelayMs } from '@caretab/work-queue';
import { attemptsMaxOf } from '../account/account-choice';
import { closeCases, openCase } from '../case/open-case';
import type { PaymentOutcome } from '../channel/channel';
import { openDoubt, recordAfterEnd } from './after-end';
import { bookCapture } from './capture';
import { type CollectionRow, collectionTable } from './collection.table';
import { type OrderRow, orderTable } from './order.table';
import { collectibleFen, evenStatus } from './owed';
import { paymentDeclined, paymentOutcomeUnknown } from './payment-events';
import { plausible } from './plausible';
import type { CollectionPolicy } from './policy';

export interface Context {
  readonly now: Date;
  readonly policy: CollectionPolicy;
}

/** The channel captured less than was ordered: what is left is collected as after a decline. */
const PART_CAPTURED = 'PART_CAPTURED';

const after = (now: Date, delayMs: number): Date => new Date(now.getTime() + delayMs);

/**
 * Records the outcome of an order in the caller's transaction: rows, journal and events. `row` is
 * the order's collection, locked. What an answer adds to an order that has ended is recorded too.
 */
export const recordOutcome = async (
  transaction: Transaction,
  row: CollectionRow,
  { orderId, outcome: answer }: { readonly orderId: string; readonly outcome: PaymentOutcome },
  context: Context,
): Promise<void> => {
  const order = await transaction.rows(orderTable).get({ orderId });
  assert(order?.visitId === row.visitId, 'an order belongs to its collection');
  // A capture that is booked is compared with the answer itself.
  const outcome =
    order.status === 'captured' ? answer : await plausible(transaction, order, answer, context.now);
  if (order.status !== 'sending')
    return recordAfterEnd(transaction, row, { order, outcome }, context);
  assert(row.orderId === orderId, 'a collection has one order out');
  switch (outcome.status) {
    case 'captured':
      return capture(transaction, row, { order, outcome }, context);
    case 'declined':
      return decline(transaction, row, { order, reason: outcome.reason }, context);
    case 'contradiction':
      await openDoubt(transaction, row, order, { ...outcome, now: context.now });
      return stayUnknown(transaction, row, order, context);
    default:
      return stayUnknown(transaction, row, order, context);
  }
};

const capture = async (
  transaction: Transaction,
  row: CollectionRow,
  { order, outcome }: { order: OrderRow; outcome: PaymentOutcome & { status: 'captured' } },
  context: Context,
): Promise<void> => {
  const { now, policy } = context;
  const booked = await bookCapture(transaction, row, { order, outcome, late: false }, context);
  const paid = { ...booked, orderId: null, declineReason: null };
  const restFen = collectibleFen(paid);
  const rows = transaction.rows(collectionTable);
  if (restFen <= 0) return rows.save({ ...paid, status: evenStatus(paid), nextAttemptAt: null });
  // A later verdict raised the due while the order was out: the rest is collected next.
  if (outcome.amountFen === order.amountFen)
    return rows.save({ ...paid, status: 'due', attempts: 0, nextAttemptAt: now });
  const { orderId, attempt } = order;
  const final = attempt >= (await attemptsMaxOf(transaction, row.accountPersonId, policy));
  await rows.save({
    ...paid,
    status: final ? 'declined' : 'due',
    nextAttemptAt: final ? null : after(now, policy.retryDelayMs),
    declineReason: PART_CAPTURED,
  });
  const rest = { orderId, amountFen: restFen, reason: PART_CAPTURED, attempt, final };
  transaction.publish(paymentDeclined(row, rest, now));
};

const decline = async (
  transaction: Transaction,
  row: CollectionRow,
  { order, reason }: { order: OrderRow; reason: string },
  { now, policy }: Context,
): Promise<void> => {
  const { orderId, amountFen, attempt } = order;
  await transaction
    .rows(orderTable)
    .save({ ...order, status: 'declined', reason, sealedToken: null, endedAt: now });
  await closeCases(transaction, orderId, { resolution: 'answered', now });
  const owing = collectibleFen(row) > 0;
  const attemptsMax = await attemptsMaxOf(transaction, row.accountPersonId, policy);
  const final = owing && attempt >= attemptsMax;
  const next = !owing
    ? ({ status: evenStatus(row), nextAttemptAt: null } as const)
    : final
      ? ({ status: 'declined', nextAttemptAt: null } as const)
      : ({ status: 'due', nextAttemptAt: after(now, policy.retryDelayMs) } as const);
  await transaction
    .rows(collectionTable)
    .save({ ...row, ...next, orderId: null, declineReason: owing ? reason : null });
  transaction.publish(paymentDeclined(row, { orderId, amountFen, reason, attempt, final }, now));
};

/** Plans the next inquiry. */
const stayUnknown = async (
  transaction: Transaction,
  row: CollectionRow,
  order: OrderRow,
  { now, policy }: Context,
): Promise<void> => {
  const delayMs = retryDelayMs(policy.resolveDelaysMs, row.inquiries, order.orderId);
  const asked = { ...row, inquiries: row.inquiries + 1, nextAttemptAt: after(now, delayMs) };
  await transaction
    .rows(collectionTable)
    .save(await publishUnknown(transaction, asked, order, { now, policy }));
};

/**
 * An order that has been out for long is published as unknown, and gets a case, once. It is neither
 * paid nor declined. Returns the collection as it then stands.
 */
export const publishUnknown = async (
  transaction: Transaction,
  row: CollectionRow,
  order: OrderRow,
  { now, policy }: Context,
): Promise<CollectionRow> => {
  const isLong = now.getTime() - order.startedAt.getTime() >= policy.unknownAfterMs;
  if (row.status !== 'sending' || !isLong) return row;
  const { orderId, visitId, amountFen } = order;
  await openCase(
    transaction,
    {
      kind: 'order',
      subjectId: orderId,
      visitId,
      amountFen,
      reason: 'OUTCOME_UNKNOWN',
      asked: { orderId, amountFen, currency: 'CNY' },
      answered: null,
    },
    now,
  );
  transaction.publish(paymentOutcomeUnknown(row, order, now));
  return { ...row, status: 'unresolved' };
};

import type { Transaction } from '@caretab/store';
import { retryDelayMs } from '@caretab/work-queue';
import { closeCases, openCase } from '../case/open-case';
import type { Answered, RefundOutcome } from '../channel/channel';
import { type CollectionRow, collectionTable, uncleared } from '../collection/collection.table';
import { captureTable } from '../collection/order.table';
import { evenStatus, openFen } from '../collection/owed';
import { paymentContradicted, refundCompleted, refundRefused } from '../collection/payment-events';
import { contradicted, momentFault } from '../collection/plausible';
import type { CollectionPolicy } from '../collection/policy';
import { bookDayOf, channelDayOf, type Recorded } from '../journal/book-day';
import { accounts, type Change, lenderAccount, post } from '../journal/journal';
import { CHARGED_BACK } from './charged-back';
import { type RefundRow, refundTable } from './refund.table';
import { voidNeedless } from './request-refund';

export interface RefundContext {
  readonly now: Date;
  readonly policy: CollectionPolicy;
}

/** Why the case of a refund is open that has no answer for long. */
export const OUTCOME_UNKNOWN = 'OUTCOME_UNKNOWN';

const after = (now: Date, delayMs: number): Date => new Date(now.getTime() + delayMs);

/**
 * Records the outcome of a refund that is out: rows, journal and events. `collection` and `row` are
 * locked.
 */
export const recordRefund = async (
  transaction: Transaction,
  collection: CollectionRow,
  { row, outcome: answer }: { readonly row: RefundRow; readonly outcome: RefundOutcome },
  context: RefundContext,
): Promise<void> => {
  const outcome = await plausibleRefund(transaction, row, answer, context.now);
  switch (outcome.status) {
    case 'refunded': {
      const { reference, at } = outcome;
      const day = channelDayOf(outcome, context.policy);
      const made = { ...row, reference, refundedAt: at, ...day };
      return completeRefund(transaction, collection, made, context);
    }
    case 'refused':
      return refuse(transaction, collection, { row, reason: outcome.reason }, context);
    case 'contradiction': {
      const { reason, answered } = outcome;
      const { caseId, isNew } = await openRefundCase(
        transaction,
        row,
        { reason, answered },
        context,
      );
      const { orderId, amountFen } = row;
      if (isNew)
        transaction.publish(
          paymentContradicted(
            collection,
            { orderId, amountFen },
            { caseId, reason, now: context.now },
          ),
        );
      return stayUnknown(transaction, row, context);
    }
    default:
      return stayUnknown(transaction, row, context);
  }
};

/** Why money cannot have gone back `at`; undefined where it can: not before it had come. */
export const refundMomentFault = async (
  transaction: Transaction,
  { orderId }: RefundRow,
  { at, now }: { readonly at: Date; readonly now: Date },
): Promise<ReturnType<typeof momentFault>> => {
  const capture = await transaction.rows(captureTable).get({ orderId });
  return momentFault(at, { since: capture?.capturedAt ?? at, now });
};

/** As `plausible`, of a refund. */
const plausibleRefund = async (
  transaction: Transaction,
  row: RefundRow,
  outcome: RefundOutcome,
  now: Date,
): Promise<RefundOutcome> => {
  if (outcome.status !== 'refunded') return outcome;
  const { at } = outcome;
  const fault = await refundMomentFault(transaction, row, { at, now });
  return fault ? contradicted(fault, { ...outcome, refundedAt: at.toISOString() }) : outcome;
};

/** What other accounts a refund changes, by its way: the journal's other side. */
const paidBy = ({ way, channel, amountFen }: RefundRow, collection: CollectionRow): Change => {
  const account =
    way === 'cash'
      ? accounts.institution(collection.institutionId)
      : way === 'transfer'
        ? lenderAccount(collection)
        : accounts.channel(channel);
  return { account, amountFen: -amountFen };
};

/** stores a refund that has arrived, with journal and event. */
export const completeRefund = async (
  transaction: Transaction,
  collection: CollectionRow,
  row: RefundRow & { readonly reference: string; readonly refundedAt: Date },
  recorded: Recorded,
): Promise<void> => {
  const { now } = recorded;
  const bookedOn = bookDayOf(recorded);
  const { refundId, amountFen } = row;
  const refund = {
    ...row,
    status: 'completed' as const,
    sealedToken: null,
    nextAttemptAt: null,
    bookedOn,
  };
  await transaction.rows(refundTable).save(refund);
  const refundedFen = collection.refundedFen + amountFen;
  const after = uncleared({ ...collection, refundedFen }, bookedOn);
  const isEven = after.status === 'paid' || after.status === 'refund-owed';
  await transaction
    .rows(collectionTable)
    .save({ ...after, status: isEven ? evenStatus(after) : after.status });
  await closeCases(transaction, refundId, { resolution: 'answered', now });
  await post(
    transaction,
    `refund/${refundId}`,
    [{ account: accounts.patients, amountFen }, paidBy(refund, collection)],
    recorded,
  );
  transaction.publish(refundCompleted(collection, refund, now));
};

/**
 * Refused for now: tried again by the schedule. Refused for good, or the schedule is at its end: a
 * case. Where the due has risen meanwhile, the money that is held covers it instead.
 */
const refuse = async (
  transaction: Transaction,
  collection: CollectionRow,
  { row, reason }: { row: RefundRow; reason: string },
  { now, policy }: RefundContext,
): Promise<void> => {
  const { delaysMs, refusedForGood } = policy.refund;
  const refusals = row.refusals + 1;
  const isForGood = reason === CHARGED_BACK || refusedForGood.includes(reason);
  const isOver = isForGood || refusals > delaysMs.length;
  const delayMs = retryDelayMs(delaysMs, row.refusals, row.refundId);
  await transaction.rows(refundTable).save({
    ...row,
    reason,
    refusals,
    status: isOver ? 'refused' : 'due',
    nextAttemptAt: isOver ? null : after(now, delayMs),
  });
  const isIdle = collection.status === 'due' || collection.status === 'declined';
  if (isIdle && openFen(collection) > 0) {
    const covered = await voidNeedless(transaction, collection, now);
    const isEven = openFen(covered) <= 0;
    return transaction
      .rows(collectionTable)
      .save(
        isEven
          ? { ...covered, status: evenStatus(covered), nextAttemptAt: null, declineReason: null }
          : covered,
      );
  }
  if (!isOver) return;
  const answered = { status: 'refused', reason };
  const { caseId, isNew } = await openRefundCase(
    transaction,
    row,
    { reason, answered },
    { now, policy },
  );
  if (isNew) transaction.publish(refundRefused(collection, row, { caseId, reason, now }));
};

/** Plans the next inquiry; one that gets no answer for long opens a case, and goes on. */
const stayUnknown = async (
  transaction: Transaction,
  row: RefundRow,
  { now, policy }: RefundContext,
): Promise<void> => {
  const delaysMs = policy.resolveDelaysMs;
  const inquiries = row.inquiries + 1;
  await transaction.rows(refundTable).save({
    ...row,
    inquiries,
    nextAttemptAt: after(now, retryDelayMs(delaysMs, row.inquiries, row.refundId)),
  });
  if (inquiries === 2 * delaysMs.length)
    await openRefundCase(
      transaction,
      row,
      { reason: OUTCOME_UNKNOWN, answered: null },
      { now, policy },
    );
};

const openRefundCase = (
  transaction: Transaction,
  { refundId, orderId, visitId, amountFen }: RefundRow,
  { reason, answered }: { reason: string; answered: Answered | null },
  { now }: RefundContext,
): Promise<{ readonly caseId: string; readonly isNew: boolean }> =>
  openCase(
    transaction,
    {
      kind: 'refund',
      subjectId: refundId,
      visitId,
      amountFen,
      reason,
      asked: { refundId, orderId, amountFen },
      answered,
    },
    now,
  );

import type { Transaction } from '@caretab/store';
import { caseTable } from '../case/case.table';
import type { PaymentOutcome } from '../channel/channel';
import { collectionTable } from './collection.table';
import { paymentIdOf } from './collection-rows';
import { orderTable } from './order.table';
import { claimReferences, momentFault } from './plausible';

/** An order of a visit, and what the channel says of it; another word than an outcome: nothing. */
interface Answered {
  readonly visitId: string;
  readonly orderId: string;
  readonly outcome: PaymentOutcome | string;
}

/**
 * Locks, reads and claims in a few statements what `recordOutcome` will ask for, order by order:
 * the collections first, as an adjudication does, then their orders.
 */
export const prepareOutcomes = async (
  transaction: Transaction,
  answered: readonly Answered[],
  now: Date,
): Promise<void> => {
  await transaction
    .rows(collectionTable)
    .lockAll(answered.map(({ visitId }) => ({ paymentId: paymentIdOf(visitId) })));
  const locked = await transaction.rows(orderTable).lockAll(answered);
  const orders = new Map(locked.map((order) => [order.orderId, order]));
  await transaction.rows(caseTable).gather(
    'subjectId',
    answered.map(({ orderId }) => orderId),
  );
  await claimReferences(
    transaction,
    answered.flatMap(({ orderId, outcome }) => {
      const order = orders.get(orderId);
      if (typeof outcome === 'string' || outcome.status !== 'captured') return [];
      if (!order || order.status === 'captured') return [];
      const { reference, at } = outcome;
      if (momentFault(at, { since: order.startedAt, now })) return [];
      return [{ orderId, channel: order.channel, reference }];
    }),
  );
};

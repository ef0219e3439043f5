import { traced } from '@caretab/bus';
import { assert, type Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { retryDelayMs, WorkQueue } from '@caretab/work-queue';
import type { Channel, PaymentOutcome } from '../channel/channel';
import type { ChannelWatch } from '../channel/channel-watch';
import { collectionTable } from './collection.table';
import { recordOutcome } from './order-outcome';
import { type OrderRow, orderTable } from './order.table';
import type { CollectionPolicy } from './policy';

const LANES = 2;

/**
 * Asks for orders that were declared failed, by a schedule: what was captured after all is booked as
 * late, and goes back where nothing is owed.
 */
export class FailedOrders {
  private readonly queue: WorkQueue<OrderRow, OrderRow>;

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly channel: Channel;
      readonly watch: ChannelWatch;
      readonly policy: CollectionPolicy;
    },
  ) {
    const { store, clock, policy, watch } = parts;
    this.queue = new WorkQueue<OrderRow, OrderRow>({
      store,
      clock,
      table: orderTable,
      key: 'orderId',
      lanes: LANES,
      leaseMs: policy.leaseMs,
      plans: [{ where: { status: 'failed' }, waitMaxMs: Math.max(...policy.failedOrderDelaysMs) }],
      begin: async (_transaction, rows) =>
        rows.map((row) => {
          const nextAttemptAt = watch.admit(row.channel, row.orderId);
          return nextAttemptAt ? { row: { ...row, nextAttemptAt } } : { row, item: row };
        }),
      work: (order) => this.ask(order),
    });
  }

  /** Asks for the orders that are due now; returns how many. */
  runOnce(): Promise<number> {
    return this.queue.runOnce();
  }

  private async ask(order: OrderRow): Promise<void> {
    const { store, channel, watch } = this.parts;
    const answered = await channel.findPayment(order);
    const outcome = watch.note(order.channel, order.orderId, answered);
    await store.transact((transaction) => this.record(traced(transaction), order, outcome));
  }

  /** Locks the collection first, as an adjudication does. */
  private async record(
    transaction: Transaction,
    asked: OrderRow,
    outcome: PaymentOutcome,
  ): Promise<void> {
    const { visitId } = asked;
    const row = await transaction.rows(collectionTable).get({ visitId }, { lock: 'wait' });
    assert(row, 'an order belongs to its collection');
    const order = await this.queue.fence(transaction, asked);
    if (order?.status !== 'failed') return;
    const { clock, policy } = this.parts;
    const now = clock.now();
    const inquiries = order.inquiries + 1;
    const isLast = inquiries >= policy.failedOrderDelaysMs.length;
    const delayMs = retryDelayMs(policy.failedOrderDelaysMs, inquiries, order.orderId);
    const next = {
      ...order,
      inquiries,
      nextAttemptAt: isLast ? null : new Date(now.getTime() + delayMs),
    };
    await transaction.rows(orderTable).save(next);
    const { orderId } = order;
    await recordOutcome(transaction, row, { orderId, outcome }, { now, policy });
  }
}

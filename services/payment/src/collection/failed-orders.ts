import { traced } from '@caretab/bus';
import { assert, type Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { retryDelayMs, WorkQueue } from '@caretab/work-queue';
import type { Channel, PaymentOutcome } from '../channel/channel';
import type { ChannelWatch } from '../channel/channel-watch';
import { collectionTable } from './collection.table';
import { paymentIdOf } from './collection-rows';
import { recordOutcome } from './order-outcome';
import { type OrderRow, orderTable } from './order.table';
import type { CollectionPolicy } from './policy';
import { prepareOutcomes } from './prepare-outcomes';

const LANES = 2;

/**
 * Asks for orders that were declared failed, by a schedule: what was captured after all is booked as
 * late, and goes back where nothing is owed.
 */
export class FailedOrders {
  private readonly queue: WorkQueue<OrderRow, OrderRow, PaymentOutcome>;

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
    this.queue = new WorkQueue<OrderRow, OrderRow, PaymentOutcome>({
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
      prepare: (transaction, group) =>
        prepareOutcomes(
          transaction,
          group.map(({ leased, outcome }) => ({ ...leased, outcome })),
          clock.now(),
        ),
      record: (transaction, order, outcome) => this.record(traced(transaction), order, outcome),
    });
  }

  /** Asks for the orders that are due now; returns how many. */
  runOnce(): Promise<number> {
    return this.queue.runOnce();
  }

  private async ask(order: OrderRow): Promise<void> {
    const { channel, watch } = this.parts;
    const answered = await channel.findPayment(order);
    await this.queue.record(order, watch.note(order.channel, order.orderId, answered));
  }

  private async record(
    transaction: Transaction,
    order: OrderRow,
    outcome: PaymentOutcome,
  ): Promise<void> {
    if (order.status !== 'failed') return;
    const paymentId = paymentIdOf(order.visitId);
    const row = await transaction.rows(collectionTable).get({ paymentId }, { lock: 'wait' });
    assert(row, 'an order belongs to its collection');
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

import { assert, type Clock } from '@caretab/kernel';
import { traced } from '@caretab/bus';
import { businessDateOf } from '@caretab/contracts';
import type { Store, Transaction } from '@caretab/store';
import { inSpanAfter } from '@caretab/telemetry';
import type { Channel, RefundOrder, RefundOutcome } from '../channel/channel';
import { collectionTable } from '../collection/collection.table';
import { refundCompleted } from '../collection/payment-events';
import { type CollectionPolicy, inquiryDelayMs, outMaxMs } from '../collection/policy';
import { accounts, post } from '../journal/journal';
import { bringBack, ClockWatch, sideBySide } from '@caretab/host';
import { type RefundRow, refundTable } from './refund.table';

const LANES = 4;

/**
 * Sends refunds by the channel that brought the money; like the collector, it asks before it
 * repeats.
 */
export class Refunder {
  private readonly watch = new ClockWatch();

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly channel: Channel;
      readonly policy: CollectionPolicy;
      readonly lanes?: number;
    },
  ) {}

  /** Sends whatever is due now; resolves to how many steps it took. */
  async runOnce(): Promise<number> {
    const taken = await sideBySide(this.parts.lanes ?? LANES, (found) => this.step(found));
    // Also while there is always something to do: what was planned too far ahead would wait for as
    // long.
    return taken + (await this.bringBack(this.parts.clock.now()));
  }

  private async bringBack(now: Date): Promise<number> {
    if (!this.watch.isTimeToLook(now)) return 0;
    const { store, policy } = this.parts;
    const far = { table: refundTable, now };
    return (
      (await bringBack(store, { ...far, where: { status: 'due' }, waitMaxMs: 0 })) +
      (await bringBack(store, {
        ...far,
        where: { status: 'sending' },
        waitMaxMs: outMaxMs(policy),
      }))
    );
  }

  private async step(found: () => void): Promise<boolean> {
    const claimed = await this.parts.store.transact((transaction) => this.claim(transaction));
    if (!claimed) return false;
    found();
    const { refund, traceparent } = claimed;
    await inSpanAfter(
      traceparent,
      'refund payment',
      { service: 'payment', visitId: refund.visitId },
      () => this.send(refund),
    );
    return true;
  }

  private async send(refund: RefundRow): Promise<void> {
    const { refundId, orderId, amountFen } = refund;
    const outcome = await this.settle(
      { refundId, orderId, amountFen },
      refund.status === 'sending',
    );
    await this.parts.store.transact((transaction) =>
      this.record(traced(transaction), refund, outcome),
    );
  }

  /**
   * Marks a refund as being sent, and returns it as it was before, with the trace of the verdict
   * that asked for it.
   */
  private async claim(
    transaction: Transaction,
  ): Promise<{ readonly refund: RefundRow; readonly traceparent: string | null } | undefined> {
    const now = this.parts.clock.now();
    const rows = transaction.rows(refundTable);
    const [row] = await rows.find(
      { status: { in: ['due', 'sending'] }, nextAttemptAt: { lte: now } },
      { orderBy: 'nextAttemptAt', countMax: 1, lock: 'skip' },
    );
    if (!row) return undefined;
    await rows.save({
      ...row,
      status: 'sending',
      nextAttemptAt: new Date(now.getTime() + this.parts.policy.leaseMs),
    });
    const collection = await transaction.rows(collectionTable).get({ visitId: row.visitId });
    return { refund: row, traceparent: collection?.traceparent ?? null };
  }

  private async settle(order: RefundOrder, known: boolean): Promise<RefundOutcome> {
    if (!known) return this.parts.channel.refund(order);
    const outcome = await this.parts.channel.findRefund(order.refundId);
    return outcome.status === 'not-found' ? this.parts.channel.refund(order) : outcome;
  }

  private async record(
    transaction: Transaction,
    { refundId, visitId }: RefundRow,
    outcome: RefundOutcome,
  ): Promise<void> {
    const collection = await transaction.rows(collectionTable).get({ visitId }, { lock: 'wait' });
    const row = await transaction.rows(refundTable).get({ refundId }, { lock: 'wait' });
    assert(collection && row, 'a refund belongs to a collection');
    if (row.status !== 'sending') return;
    const now = this.parts.clock.now();
    const rows = transaction.rows(refundTable);
    if (outcome.status === 'refused')
      return rows.save({ ...row, status: 'refused', reason: outcome.reason, nextAttemptAt: null });
    if (outcome.status !== 'refunded')
      return rows.save({
        ...row,
        inquiries: row.inquiries + 1,
        nextAttemptAt: new Date(now.getTime() + inquiryDelayMs(this.parts.policy, row.inquiries)),
      });
    const { reference, at: refundedAt } = outcome;
    const { channel, amountFen } = row;
    const completed = {
      ...row,
      status: 'completed' as const,
      reference,
      refundedAt,
      channelDate: businessDateOf(refundedAt),
      nextAttemptAt: null,
    };
    await rows.save(completed);
    await transaction.rows(collectionTable).save({
      ...collection,
      refundedFen: collection.refundedFen + amountFen,
      clearing: 'pending',
    });
    await post(
      transaction,
      `refund/${refundId}`,
      [
        { account: accounts.patients, amountFen },
        { account: accounts.channel(channel), amountFen: -amountFen },
      ],
      now,
    );
    transaction.publish(refundCompleted(collection, completed, now));
  }
}

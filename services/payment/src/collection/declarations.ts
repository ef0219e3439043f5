import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { caseTable } from '../case/case.table';
import { closeCases, type Decided } from '../case/open-case';
import { decidedByTwo } from '../case/two-names';
import type { Channel } from '../channel/channel';
import type { ChannelWatch } from '../channel/channel-watch';
import { type CollectionRow, collectionTable } from './collection.table';
import { recordOutcome } from './order-outcome';
import { COUNTER, type OrderRow, orderTable } from './order.table';
import { collectibleFen, evenStatus } from './owed';
import { paymentDeclined } from './payment-events';
import { claimReference, fieldRefused, momentFault, whyOfMoment } from './plausible';
import type { CollectionPolicy } from './policy';

/** What became of an order whose outcome is unknown, by evidence. */
export type Declaration = Decided &
  (
    | { readonly outcome: 'failed' }
    | {
        readonly outcome: 'captured';
        readonly amountFen: number;
        readonly channelReference: string;
        readonly capturedAt: string;
      }
  );

const DECLARED_FAILED = 'DECLARED_FAILED';

/** Orders under an operator's hands: asked for out of turn, or ended by evidence. */
export class Declarations {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly channel: Channel;
      readonly watch: ChannelWatch;
      readonly policy: CollectionPolicy;
    },
  ) {}

  /**
   * Ends an order that has an open case, by evidence, decided by two people. Captured: booked. Failed:
   * the visit can be paid otherwise, and the order is still asked for, since it may have been
   * captured. Returns the visit's id. Throws ORDER_UNKNOWN (not-found); ORDER_OUTCOME_KNOWN,
   * ORDER_NOT_IN_DOUBT (conflict); REQUEST_INVALID (invalid).
   */
  declare(orderId: string, declaration: Declaration): Promise<string> {
    const decided = decidedByTwo(declaration);
    return this.parts.store.transact(async (transaction) => {
      const { order, row } = await this.lock(transaction, orderId);
      const { visitId } = order;
      const isFailedBefore = order.status === 'failed' && declaration.outcome === 'captured';
      if (order.status !== 'sending' && !isFailedBefore)
        throw new DomainError('ORDER_OUTCOME_KNOWN', 'conflict', { orderId, status: order.status });
      const open = { subjectId: orderId, status: 'open' as const };
      if (!isFailedBefore && (await transaction.rows(caseTable).count(open)) === 0)
        throw new DomainError('ORDER_NOT_IN_DOUBT', 'conflict', { orderId });
      const { outcome } = declaration;
      const now = this.parts.clock.now();
      await closeCases(transaction, orderId, { resolution: outcome, now, decided });
      // A worker that has the order now must store nothing.
      const taken = { ...row, lease: row.lease + 1 };
      if (outcome === 'failed') await this.fail(transaction, taken, order, now);
      else await this.capture(transaction, taken, order, declaration);
      return visitId;
    });
  }

  /**
   * Asks the channel for an order now, also for one that has ended, and records what it answers.
   * Returns the visit's id. Throws ORDER_UNKNOWN (not-found).
   */
  async inquire(orderId: string): Promise<string> {
    const { store, channel, watch, clock, policy } = this.parts;
    const known = await store.transact((transaction) =>
      transaction.rows(orderTable).get({ orderId }),
    );
    if (!known) throw new DomainError('ORDER_UNKNOWN', 'not-found', { orderId });
    if (known.channel === COUNTER) return known.visitId;
    const outcome = watch.note(known.channel, orderId, await channel.findPayment(known));
    await store.transact(async (transaction) => {
      const { order, row } = await this.lock(transaction, orderId);
      const isClear = outcome.status === 'captured' || outcome.status === 'declined';
      if (order.status === 'sending' && !isClear) return; // The collector goes on asking.
      const taken = { ...row, lease: row.lease + 1 };
      await recordOutcome(transaction, taken, { orderId, outcome }, { now: clock.now(), policy });
    });
    return known.visitId;
  }

  private async capture(
    transaction: Transaction,
    row: CollectionRow,
    order: OrderRow,
    declaration: Declaration & { readonly outcome: 'captured' },
  ): Promise<void> {
    const { amountFen, channelReference: reference, capturedAt } = declaration;
    const { orderId, amountFen: orderedFen, startedAt: since } = order;
    const { clock, policy } = this.parts;
    const [at, now] = [new Date(capturedAt), clock.now()];
    if (amountFen <= 0 || amountFen > orderedFen)
      throw fieldRefused('amountFen', `is not between 1 and the order's ${orderedFen}`);
    const fault = momentFault(at, { since, now });
    if (fault) throw fieldRefused('capturedAt', whyOfMoment[fault]);
    if (!(await claimReference(transaction, order, reference)))
      throw fieldRefused('channelReference', 'stands for another order: ask the bank which it is');
    const outcome = { status: 'captured', amountFen, reference, at } as const;
    await recordOutcome(transaction, row, { orderId, outcome }, { now, policy });
  }

  private async fail(
    transaction: Transaction,
    row: CollectionRow,
    order: OrderRow,
    now: Date,
  ): Promise<void> {
    const { orderId, amountFen, attempt } = order;
    const { policy } = this.parts;
    const later = (delayMs: number): Date => new Date(now.getTime() + delayMs);
    await transaction.rows(orderTable).save({
      ...order,
      status: 'failed',
      reason: DECLARED_FAILED,
      sealedToken: null,
      endedAt: now,
      inquiries: 0,
      nextAttemptAt: later(policy.failedOrderDelaysMs[0] ?? 0),
    });
    const next =
      collectibleFen(row) > 0
        ? ({ status: 'due', nextAttemptAt: later(policy.retryDelayMs) } as const)
        : ({ status: evenStatus(row), nextAttemptAt: null } as const);
    await transaction
      .rows(collectionTable)
      .save({ ...row, ...next, orderId: null, declineReason: DECLARED_FAILED });
    const declined = { orderId, amountFen, reason: DECLARED_FAILED, attempt, final: false };
    transaction.publish(paymentDeclined(row, declined, now));
  }

  private async lock(
    transaction: Transaction,
    orderId: string,
  ): Promise<{ readonly order: OrderRow; readonly row: CollectionRow }> {
    const orders = transaction.rows(orderTable);
    const found = await orders.get({ orderId });
    if (!found) throw new DomainError('ORDER_UNKNOWN', 'not-found', { orderId });
    const { visitId } = found;
    const row = await transaction.rows(collectionTable).get({ visitId }, { lock: 'wait' });
    const order = await orders.get({ orderId });
    if (!row || !order) throw new DomainError('ORDER_UNKNOWN', 'not-found', { orderId });
    return { order, row };
  }
}

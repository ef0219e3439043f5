import { traced } from '@caretab/bus';
import { businessDateOf } from '@caretab/contracts';
import { assert, type Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { inSpanAfter } from '@caretab/telemetry';
import { type Claimed, retryDelayMs, WorkQueue } from '@caretab/work-queue';
import type { Channel, RefundOutcome } from '../channel/channel';
import { type CollectionRow, collectionTable } from '../collection/collection.table';
import { refundCompleted } from '../collection/payment-events';
import { type CollectionPolicy, outMaxMs } from '../collection/policy';
import { accounts, post } from '../journal/journal';
import { type RefundRow, refundTable } from './refund.table';

const LANES = 4;

/** A refund to be sent; `known`: it may have reached the channel before. */
interface Attempt {
  readonly refund: RefundRow;
  readonly known: boolean;
  readonly traceparent: string | null;
}

/**
 * Sends refunds by the channel that captured the money; like the collector, it asks for the outcome
 * before it sends again.
 */
export class Refunder {
  private readonly queue: WorkQueue<RefundRow, Attempt>;

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly channel: Channel;
      readonly policy: CollectionPolicy;
      readonly lanes?: number;
    },
  ) {
    const { store, clock, policy, lanes = LANES } = parts;
    this.queue = new WorkQueue<RefundRow, Attempt>({
      store,
      clock,
      table: refundTable,
      key: 'refundId',
      lanes,
      leaseMs: policy.leaseMs,
      plans: [
        { where: { status: 'due' }, waitMaxMs: 0 },
        { where: { status: 'sending' }, waitMaxMs: outMaxMs(policy) },
      ],
      begin: (transaction, rows) => this.begin(transaction, rows),
      work: (attempt) => this.send(attempt),
    });
  }

  /** Sends the refunds that are due now; returns how many. */
  runOnce(): Promise<number> {
    return this.queue.runOnce();
  }

  /** Refunds that are due within so many ms. */
  countDue(aheadMs: number): Promise<number> {
    return this.queue.countDue(aheadMs);
  }

  private async send({ refund, known, traceparent }: Attempt): Promise<void> {
    const { visitId } = refund;
    await inSpanAfter(traceparent, 'refund payment', { service: 'payment', visitId }, async () => {
      const outcome = await this.outcomeOf(refund, known);
      await this.parts.store.transact((transaction) =>
        this.record(traced(transaction), refund, outcome),
      );
    });
  }

  /** Marks refunds as being sent, with the trace of the adjudication that asked for them. */
  private async begin(
    transaction: Transaction,
    rows: readonly RefundRow[],
  ): Promise<Claimed<RefundRow, Attempt>[]> {
    const collections = await transaction
      .rows(collectionTable)
      .find({ visitId: { in: [...new Set(rows.map(({ visitId }) => visitId))] } });
    const traces = new Map(collections.map((one) => [one.visitId, one.traceparent]));
    return rows.map((row) => {
      const refund = { ...row, status: 'sending' as const };
      const traceparent = traces.get(row.visitId) ?? null;
      return { row: refund, item: { refund, known: row.status === 'sending', traceparent } };
    });
  }

  private async outcomeOf(refund: RefundRow, known: boolean): Promise<RefundOutcome> {
    const { refundId, orderId, amountFen } = refund;
    const order = { refundId, orderId, amountFen };
    if (!known) return this.parts.channel.refund(order);
    const outcome = await this.parts.channel.findRefund(refundId);
    return outcome.status === 'not-found' ? this.parts.channel.refund(order) : outcome;
  }

  /** Locks the collection first, as an adjudication does. */
  private async record(
    transaction: Transaction,
    refund: RefundRow,
    outcome: RefundOutcome,
  ): Promise<void> {
    const { visitId } = refund;
    const collection = await transaction.rows(collectionTable).get({ visitId }, { lock: 'wait' });
    assert(collection, 'a refund belongs to a collection');
    const row = await this.queue.fence(transaction, refund);
    if (row?.status !== 'sending') return;
    const now = this.parts.clock.now();
    const rows = transaction.rows(refundTable);
    if (outcome.status === 'refunded')
      return complete(transaction, collection, { row, outcome, now });
    if (outcome.status === 'refused')
      return rows.save({ ...row, status: 'refused', reason: outcome.reason, nextAttemptAt: null });
    const delayMs = retryDelayMs(this.parts.policy.resolveDelaysMs, row.inquiries, row.refundId);
    return rows.save({
      ...row,
      inquiries: row.inquiries + 1,
      nextAttemptAt: new Date(now.getTime() + delayMs),
    });
  }
}

/** Stores a refund that has arrived, with journal and event. */
const complete = async (
  transaction: Transaction,
  collection: CollectionRow,
  {
    row,
    outcome,
    now,
  }: { row: RefundRow; outcome: RefundOutcome & { status: 'refunded' }; now: Date },
): Promise<void> => {
  const { refundId, channel, amountFen } = row;
  const { reference, at: refundedAt } = outcome;
  const refund = {
    ...row,
    status: 'completed' as const,
    reference,
    refundedAt,
    channelDate: businessDateOf(refundedAt),
    nextAttemptAt: null,
  };
  await transaction.rows(refundTable).save(refund);
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
  transaction.publish(refundCompleted(collection, refund, now));
};

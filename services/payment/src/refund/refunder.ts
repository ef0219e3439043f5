import { traced } from '@caretab/bus';
import { heldAmong } from '@caretab/host';
import { assert, type Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { inSpanAfter } from '@caretab/telemetry';
import { type Claimed, WorkQueue } from '@caretab/work-queue';
import type { TokenVault } from '../account/token-vault';
import type { Channel, RefundOrder, RefundOutcome } from '../channel/channel';
import type { ChannelWatch } from '../channel/channel-watch';
import { caseTable } from '../case/case.table';
import { collectionTable } from '../collection/collection.table';
import { paymentIdOf } from '../collection/collection-rows';
import { captureTable } from '../collection/order.table';
import { postponed } from '../collection/owed';
import { type CollectionPolicy, outMaxMs } from '../collection/policy';
import { CHARGED_BACK, ordersChargedBack } from './charged-back';
import { recordRefund } from './refund-outcome';
import { type RefundRow, refundTable } from './refund.table';

/** Locks the collections first, as an adjudication does, and reads what refunds ask for. */
const prepareRefunds = async (
  transaction: Transaction,
  refunds: readonly RefundRow[],
): Promise<void> => {
  await transaction
    .rows(collectionTable)
    .lockAll(refunds.map(({ visitId }) => ({ paymentId: paymentIdOf(visitId) })));
  await transaction.rows(captureTable).gather(
    'orderId',
    refunds.map(({ orderId }) => orderId),
  );
  await transaction.rows(caseTable).gather(
    'subjectId',
    refunds.map(({ refundId }) => refundId),
  );
};

/** A refund to be sent; `known`: it may have reached the channel before. */
interface Attempt {
  readonly refund: RefundRow;
  readonly known: boolean;
  /** The bank took the payment back, or is asked to. */
  readonly isChargedBack: boolean;
  readonly traceparent: string | null;
}

/**
 * Sends refunds by the channel that captured the money; like the collector, it asks for the outcome
 * before it sends again.
 */
export class Refunder {
  private readonly queue: WorkQueue<RefundRow, Attempt, RefundOutcome>;

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly channel: Channel;
      readonly watch: ChannelWatch;
      readonly vault: TokenVault;
      readonly policy: CollectionPolicy;
      /** Refunds that are under way at the same time in one process. */
      readonly inFlightMax: number;
    },
  ) {
    const { store, clock, policy, inFlightMax: lanes } = parts;
    this.queue = new WorkQueue<RefundRow, Attempt, RefundOutcome>({
      store,
      clock,
      table: refundTable,
      key: 'refundId',
      lanes,
      leaseMs: policy.leaseMs,
      plans: [
        { where: { status: 'due', refusals: 0 }, waitMaxMs: 0 },
        { where: { status: 'due' }, waitMaxMs: Math.max(0, ...policy.refund.delaysMs) },
        { where: { status: 'sending' }, waitMaxMs: outMaxMs(policy) },
      ],
      begin: (transaction, rows, now) => this.begin(transaction, rows, now),
      work: (attempt) => this.send(attempt),
      prepare: (transaction, group) =>
        prepareRefunds(
          transaction,
          group.map(({ leased }) => leased),
        ),
      record: (transaction, row, outcome) => this.record(traced(transaction), row, outcome),
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

  private async send(attempt: Attempt): Promise<void> {
    const { refund, traceparent } = attempt;
    const { visitId } = refund;
    await inSpanAfter(traceparent, 'refund payment', { service: 'payment', visitId }, async () => {
      const answered = await this.outcomeOf(attempt);
      const outcome = this.parts.watch.note(refund.channel, refund.refundId, answered);
      await this.queue.record(refund, outcome);
    });
  }

  /**
   * Marks refunds as being sent, with the trace of the adjudication that asked for them. Where the
   * channel's circuit is open, or the visit is held, they wait as they are.
   */
  private async begin(
    transaction: Transaction,
    rows: readonly RefundRow[],
    now: Date,
  ): Promise<Claimed<RefundRow, Attempt>[]> {
    const visitIds = [...new Set(rows.map(({ visitId }) => visitId))];
    const collections = await transaction.rows(collectionTable).find({ visitId: { in: visitIds } });
    const held = await heldAmong(transaction, visitIds);
    const disputed = await ordersChargedBack(transaction, visitIds);
    const traces = new Map(collections.map((one) => [one.visitId, one.traceparent]));
    return rows.map((row) => {
      if (held.has(row.visitId)) return { row: postponed(row, now) };
      const nextAttemptAt = this.parts.watch.admit(row.channel, row.refundId);
      if (nextAttemptAt) return { row: { ...row, nextAttemptAt } };
      const refund = { ...row, status: 'sending' as const };
      const traceparent = traces.get(row.visitId) ?? null;
      const known = row.status === 'sending';
      // To another account it goes by two persons' word.
      const isChargedBack = row.way === 'channel' && disputed.has(row.orderId);
      return { row: refund, item: { refund, known, isChargedBack, traceparent } };
    });
  }

  private async outcomeOf({ refund, known, isChargedBack }: Attempt): Promise<RefundOutcome> {
    const { channel } = this.parts;
    const order = this.orderOf(refund);
    const outcome = known ? await channel.findRefund(order) : undefined;
    if (outcome && outcome.status !== 'not-found') return outcome;
    return isChargedBack ? { status: 'refused', reason: CHARGED_BACK } : channel.refund(order);
  }

  private orderOf({ refundId, orderId, amountFen, channel, sealedToken }: RefundRow): RefundOrder {
    const order = { refundId, orderId, amountFen, channel };
    return sealedToken === null
      ? order
      : { ...order, accountToken: this.parts.vault.open(sealedToken, refundId) };
  }

  private async record(
    transaction: Transaction,
    row: RefundRow,
    outcome: RefundOutcome,
  ): Promise<void> {
    if (row.status !== 'sending') return;
    const { visitId } = row;
    const collection = await transaction.rows(collectionTable).get({ visitId }, { lock: 'wait' });
    assert(collection, 'a refund belongs to a collection');
    const { clock, policy } = this.parts;
    await recordRefund(transaction, collection, { row, outcome }, { now: clock.now(), policy });
  }
}

import { assert, type Clock, derivedId } from '@caretab/kernel';
import { traced } from '@caretab/bus';
import type { Store, Transaction } from '@caretab/store';
import { inSpanAfter } from '@caretab/telemetry';
import { boundAccountTable } from '../account/bound-account.table';
import type { TokenVault } from '../account/token-vault';
import type { Channel, PaymentOrder, PaymentOutcome } from '../channel/channel';
import { bringBack, ClockWatch, sideBySide } from '@caretab/host';
import { type CollectionRow, collectionTable } from './collection.table';
import { recordOutcome } from './order-outcome';
import { type OrderRow, orderTable } from './order.table';
import { openFen } from './owed';
import { paymentDeclined } from './payment-events';
import { type CollectionPolicy, outMaxMs } from './policy';

export interface CollectorParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly channel: Channel;
  readonly vault: TokenVault;
  readonly policy: CollectionPolicy;
  /** Visits that are collected at the same time in one process. */
  readonly lanes?: number;
}

/**
 * What one lane has to do next; `known` says that the order may have reached the channel before.
 */
type Step =
  | { readonly order: PaymentOrder; readonly known: boolean; readonly of: CollectionRow }
  | 'refused'
  | undefined;

const LANES = 8;

/**
 * Collects what is due. An order is written down before it is sent, and its outcome in one
 * transaction with journal and events. An outcome that is not known is asked for by the same order
 * id; an order the channel has never seen is sent again, the same to the letter. So whatever is
 * killed, money moves once.
 */
export class Collector {
  private readonly watch = new ClockWatch();

  constructor(private readonly parts: CollectorParts) {}

  /** Collects whatever is due now; resolves to how many steps it took. */
  async runOnce(): Promise<number> {
    const taken = await sideBySide(this.parts.lanes ?? LANES, (found) => this.step(found));
    // Also while there is always something to do: what was planned too far ahead would wait for as
    // long.
    return taken + (await this.bringBack(this.parts.clock.now()));
  }

  /** See `bringBack`: an order that is out, a first attempt, and one that waits for the next. */
  private async bringBack(now: Date): Promise<number> {
    if (!this.watch.isTimeToLook(now)) return 0;
    const { store, policy } = this.parts;
    const far = { table: collectionTable, now };
    const out = await bringBack(store, {
      ...far,
      where: { status: { in: ['sending', 'unresolved'] } },
      waitMaxMs: outMaxMs(policy),
    });
    const first = await bringBack(store, {
      ...far,
      where: { status: 'due', attempts: 0 },
      waitMaxMs: 0,
    });
    return (
      out +
      first +
      (await bringBack(store, { ...far, where: { status: 'due' }, waitMaxMs: policy.retryDelayMs }))
    );
  }

  private async step(found: () => void): Promise<boolean> {
    const step = await this.parts.store.transact((transaction) => this.claim(transaction));
    if (!step) return false;
    found();
    if (step === 'refused') return true;
    const {
      order,
      known,
      of: { traceparent, visitId },
    } = step;
    await inSpanAfter(traceparent, 'collect payment', { service: 'payment', visitId }, () =>
      this.collect(order, known),
    );
    return true;
  }

  private async collect(order: PaymentOrder, known: boolean): Promise<void> {
    const { store, clock, policy } = this.parts;
    const outcome = await this.settle(order, known);
    await store.transact((transaction) =>
      recordOutcome(traced(transaction), order.orderId, outcome, { now: clock.now(), policy }),
    );
  }

  private async settle(order: PaymentOrder, known: boolean): Promise<PaymentOutcome> {
    if (!known) return this.parts.channel.pay(order);
    const outcome = await this.parts.channel.findPayment(order.orderId);
    return outcome.status === 'not-found' ? this.parts.channel.pay(order) : outcome;
  }

  private async claim(transaction: Transaction): Promise<Step> {
    const now = this.parts.clock.now();
    const rows = transaction.rows(collectionTable);
    const [row] = await rows.find(
      { status: { in: ['due', 'sending', 'unresolved'] }, nextAttemptAt: { lte: now } },
      { orderBy: 'nextAttemptAt', countMax: 1, lock: 'skip' },
    );
    if (!row) return undefined;
    if (row.status === 'due') return this.begin(transaction, row, now);
    const order = await transaction.rows(orderTable).get({ orderId: row.orderId! });
    assert(order?.sealedToken, 'an order that is out is written down with its token');
    await rows.save({ ...row, nextAttemptAt: this.leaseEnd(now) });
    return { order: this.opened(order), known: true, of: row };
  }

  /**
   * Writes the next order down before anything is sent; without an account the attempt ends here.
   */
  private async begin(transaction: Transaction, row: CollectionRow, now: Date): Promise<Step> {
    const account = await this.accountOf(transaction, row);
    const attempt = row.attempts + 1;
    const orderId = derivedId('order', row.paymentId, String(row.orders + 1));
    const amountFen = openFen(row);
    assert(amountFen > 0, 'a collection is due only while something is owed');
    const tried = {
      ...row,
      attempts: attempt,
      orders: row.orders + 1,
      offeredChannel: null,
      offeredToken: null,
    };
    if (!account) {
      const reason = 'NO_BOUND_ACCOUNT';
      await transaction
        .rows(collectionTable)
        .save({ ...tried, status: 'declined', nextAttemptAt: null, declineReason: reason });
      transaction.publish(
        paymentDeclined(row, { orderId, amountFen, reason, attempt, final: true }, now),
      );
      return 'refused';
    }
    const order: OrderRow = {
      orderId,
      visitId: row.visitId,
      attempt,
      amountFen,
      channel: account.channel,
      sealedToken: this.parts.vault.seal(account.token, orderId),
      status: 'sending',
      reason: null,
      startedAt: now,
      endedAt: null,
    };
    await transaction.rows(orderTable).insert(order);
    await transaction.rows(collectionTable).save({
      ...tried,
      status: 'sending',
      orderId,
      inquiries: 0,
      nextAttemptAt: this.leaseEnd(now),
    });
    return { order: this.opened(order), known: false, of: row };
  }

  private async accountOf(
    transaction: Transaction,
    row: CollectionRow,
  ): Promise<{ channel: string; token: string } | undefined> {
    const { vault } = this.parts;
    if (row.offeredToken && row.offeredChannel)
      return { channel: row.offeredChannel, token: vault.open(row.offeredToken, row.visitId) };
    const bound = await transaction.rows(boundAccountTable).get({ personId: row.accountPersonId });
    return (
      bound && { channel: bound.channel, token: vault.open(bound.sealedToken, bound.personId) }
    );
  }

  private opened({ orderId, amountFen, sealedToken }: OrderRow): PaymentOrder {
    assert(sealedToken, 'an order is sent with its token');
    return { orderId, amountFen, accountToken: this.parts.vault.open(sealedToken, orderId) };
  }

  private leaseEnd(now: Date): Date {
    return new Date(now.getTime() + this.parts.policy.leaseMs);
  }
}

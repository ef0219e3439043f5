import { traced } from '@caretab/bus';
import { heldAmong } from '@caretab/host';
import { assert, type Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { inSpanAfter } from '@caretab/telemetry';
import { type Claimed, WorkQueue } from '@caretab/work-queue';
import type { NoAccount } from '../account/account-choice';
import { diedAmong, PERSON_DIED } from '../account/deaths';
import type { TokenVault } from '../account/token-vault';
import type { Channel, PaymentOrder, PaymentOutcome } from '../channel/channel';
import type { ChannelBook } from '../channel/channel-book';
import type { ChannelWatch } from '../channel/channel-watch';
import { debited, nextOrderId, refused, tried } from './attempts';
import { type CollectionRow, collectionTable } from './collection.table';
import { heldForReview } from '../risk/reviews';
import { awaiting, isUnconfirmed } from './confirmations';
import {
  type Account,
  type Bound,
  boundOf,
  debitedAccount,
  holdingRules,
  takes,
} from './debited-account';
import { publishUnknown, recordOutcome } from './order-outcome';
import { type OrderRow, orderTable } from './order.table';
import { collectibleFen, isOffered, openFen, postponed } from './owed';
import { prepareOutcomes } from './prepare-outcomes';
import { type CollectionPolicy, outMaxMs } from './policy';
import { quietUntil } from './quiet-hours';

export interface CollectorParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly channel: Channel;
  readonly channels: ChannelBook;
  readonly watch: ChannelWatch;
  readonly vault: TokenVault;
  readonly policy: CollectionPolicy;
  /** Orders that are under way at the same time in one process. */
  readonly inFlightMax: number;
}

/** An order to be sent; `known`: it may have reached the channel before. */
interface Attempt {
  readonly order: PaymentOrder;
  readonly channel: string;
  readonly known: boolean;
  readonly row: CollectionRow;
}

/** What came of an order; `in the morning`: it is not sent before. */
interface Answered {
  readonly orderId: string;
  readonly outcome: PaymentOutcome | 'in the morning';
}

/**
 * Collects what is due. An order is stored before it is sent, and its outcome in one transaction
 * with journal and events, which it may share with others that come back at the time. An outcome
 * that is not known is asked for by the same order id; an order that the channel does not know is
 * sent again, unchanged. So a crash at any point moves money once.
 */
export class Collector {
  private readonly queue: WorkQueue<CollectionRow, Attempt, Answered>;

  constructor(private readonly parts: CollectorParts) {
    const { store, clock, policy, inFlightMax: lanes } = parts;
    this.queue = new WorkQueue<CollectionRow, Attempt, Answered>({
      store,
      clock,
      table: collectionTable,
      key: 'paymentId',
      lanes,
      leaseMs: policy.leaseMs,
      plans: [
        { where: { status: { in: ['sending', 'unresolved'] } }, waitMaxMs: outMaxMs(policy) },
        { where: { status: 'due', attempts: 0 }, waitMaxMs: (now) => this.quietMs(now) },
        {
          where: { status: 'due' },
          waitMaxMs: (now) => Math.max(policy.retryDelayMs, this.quietMs(now)),
        },
      ],
      begin: (transaction, rows, now) => this.begin(transaction, rows, now),
      work: (attempt) => this.collect(attempt),
      prepare: (transaction, group) =>
        prepareOutcomes(
          transaction,
          group.map(({ leased: { visitId }, outcome }) => ({ visitId, ...outcome })),
          clock.now(),
        ),
      record: (transaction, row, answered) => this.record(traced(transaction), row, answered),
    });
  }

  /** Collects what is due now; returns how many visits it handled. */
  runOnce(): Promise<number> {
    return this.queue.runOnce();
  }

  /** Collections that are due within so many ms; without those whose outcome was given up. */
  countDue(aheadMs: number): Promise<number> {
    return this.queue.countDue(aheadMs, { status: { in: ['due', 'sending'] } });
  }

  /** How long no debit is sent from `now` on. */
  private quietMs(now: Date): number {
    const until = quietUntil(this.parts.policy.quietHours, now);
    return until ? until.getTime() - now.getTime() : 0;
  }

  private collect({ order, channel, known, row }: Attempt): Promise<void> {
    const { traceparent, visitId } = row;
    return inSpanAfter(
      traceparent,
      'collect payment',
      { service: 'payment', visitId },
      async () => {
        const outcome = await this.outcomeOf(order, { channel, known });
        await this.queue.record(row, { orderId: order.orderId, outcome });
      },
    );
  }

  private async record(
    transaction: Transaction,
    row: CollectionRow,
    { orderId, outcome }: Answered,
  ): Promise<void> {
    const { clock, policy } = this.parts;
    const now = clock.now();
    if (outcome === 'in the morning')
      return transaction.rows(collectionTable).save(this.inTheMorning(row, now));
    await recordOutcome(transaction, row, { orderId, outcome }, { now, policy });
  }

  /** An order that the channel does not know is sent again, but in no quiet hours. */
  private async outcomeOf(
    order: PaymentOrder,
    { channel: name, known }: Pick<Attempt, 'channel' | 'known'>,
  ): Promise<PaymentOutcome | 'in the morning'> {
    const { channel, watch } = this.parts;
    const { orderId } = order;
    if (!known) return watch.note(name, orderId, await channel.pay(order));
    const outcome = watch.note(name, orderId, await channel.findPayment(order));
    if (outcome.status !== 'not-found') return outcome;
    if (this.quietMs(this.parts.clock.now()) > 0) return 'in the morning';
    return watch.note(name, orderId, await channel.pay(order));
  }

  /** The plan of what waits for the end of the quiet hours. */
  private inTheMorning(row: CollectionRow, now: Date): CollectionRow {
    return { ...row, nextAttemptAt: new Date(now.getTime() + this.quietMs(now)) };
  }

  /**
   * Stores the orders before anything is sent. An attempt without an account ends here; where the
   * channel's circuit is open, or the visit is held, the row waits as it is.
   */
  private async begin(
    transaction: Transaction,
    rows: readonly CollectionRow[],
    now: Date,
  ): Promise<Claimed<CollectionRow, Attempt>[]> {
    const { policy } = this.parts;
    const bound = await boundOf(transaction, rows, { now, risk: policy.risk });
    const died = await diedAmong(transaction, debited(rows));
    const out = await this.ordersOut(transaction, rows);
    const held = await heldAmong(
      transaction,
      rows.map(({ visitId }) => visitId),
    );
    const fresh: OrderRow[] = [];
    const claimed: Claimed<CollectionRow, Attempt>[] = [];
    for (const row of rows)
      if (held.has(row.visitId)) claimed.push({ row: postponed(row, now) });
      else if (row.status === 'due') {
        const account =
          !isOffered(row) && died.has(row.accountPersonId)
            ? PERSON_DIED
            : debitedAccount(row, { bound, now, parts: this.parts });
        const started = await this.start(transaction, row, { account, bound, now });
        if (started.order) fresh.push(started.order);
        claimed.push(started);
      } else
        claimed.push(await this.resume(transaction, row, { order: out.get(row.orderId!), now }));
    await transaction.rows(orderTable).insert(...fresh);
    return claimed;
  }

  /** A first attempt: an order of its own. */
  private async start(
    transaction: Transaction,
    row: CollectionRow,
    {
      account,
      bound,
      now,
    }: { account: Account | typeof PERSON_DIED | NoAccount; bound: Bound; now: Date },
  ): Promise<Claimed<CollectionRow, Attempt> & { readonly order?: OrderRow }> {
    if (account === PERSON_DIED) return { row: refused(transaction, row, now, PERSON_DIED) };
    if (!isOffered(row) && isUnconfirmed(row, this.parts.policy))
      return { row: awaiting(transaction, row, now) };
    if (typeof account === 'string') return { row: refused(transaction, row, now, account) };
    if (!this.parts.channels.isOpen(account.channel))
      return { row: refused(transaction, row, now, 'CHANNEL_NOT_OPEN') };
    if (!isOffered(row) && this.quietMs(now) > 0) return { row: this.inTheMorning(row, now) };
    const nextAttemptAt = this.parts.watch.admit(account.channel);
    if (nextAttemptAt) return { row: { ...row, nextAttemptAt } };
    const { risk } = this.parts.policy;
    const rules = holdingRules(row, account, { bound, now, risk });
    if (rules.length > 0)
      return { row: await heldForReview(transaction, row, { rules, version: risk.version, now }) };
    const order = this.freshOrder(row, account, now);
    takes(bound, order);
    const { orderId, channel } = order;
    const sending = { ...tried(row), status: 'sending' as const, orderId, inquiries: 0 };
    const item = { order: this.opened(order), channel, known: false, row: sending };
    return { row: sending, item, order };
  }

  /** An order that is out: it is asked for. */
  private async resume(
    transaction: Transaction,
    row: CollectionRow,
    { order, now }: { order: OrderRow | undefined; now: Date },
  ): Promise<Claimed<CollectionRow, Attempt>> {
    assert(order, 'an order that is out is stored');
    const { channel } = order;
    const nextAttemptAt = this.parts.watch.admit(channel, order.orderId);
    if (!nextAttemptAt)
      return { row, item: { order: this.opened(order), channel, known: true, row } };
    const { policy } = this.parts;
    return {
      row: await publishUnknown(transaction, { ...row, nextAttemptAt }, order, { now, policy }),
    };
  }

  private freshOrder(
    row: CollectionRow,
    { channel, token, accountId }: Account,
    now: Date,
  ): OrderRow {
    // What was written off is paid by the citizen's own wish alone.
    assert(row.lenderParty !== 'bank', 'what a bank lends is collected by the bank alone');
    const amountFen = isOffered(row) ? openFen(row) : collectibleFen(row);
    assert(amountFen > 0, 'a collection is due only while something is owed');
    const orderId = nextOrderId(row);
    return {
      orderId,
      visitId: row.visitId,
      attempt: row.attempts + 1,
      amountFen,
      channel,
      accountId,
      sealedToken: this.parts.vault.seal(token, orderId),
      status: 'sending',
      reason: null,
      startedAt: now,
      endedAt: null,
      inquiries: 0,
      nextAttemptAt: null,
      lease: 0,
    };
  }

  private async ordersOut(
    transaction: Transaction,
    rows: readonly CollectionRow[],
  ): Promise<ReadonlyMap<string, OrderRow>> {
    const orderIds = rows.filter(({ status }) => status !== 'due').map(({ orderId }) => orderId!);
    if (orderIds.length === 0) return new Map();
    const orders = await transaction.rows(orderTable).find({ orderId: { in: orderIds } });
    return new Map(orders.map((order) => [order.orderId, order]));
  }

  private opened({ orderId, amountFen, channel, sealedToken }: OrderRow): PaymentOrder {
    assert(sealedToken, 'an order is sent with its token');
    const accountToken = this.parts.vault.open(sealedToken, orderId);
    return { orderId, amountFen, channel, accountToken };
  }
}

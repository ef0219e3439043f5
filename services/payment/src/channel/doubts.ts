import type { Degradation } from '@caretab/host';
import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { type Logger, meter } from '@caretab/telemetry';
import { collectionTable } from '../collection/collection.table';
import { type OrderRow, orderTable } from '../collection/order.table';
import type { ChannelWatch } from './channel-watch';

/** An order without an outcome for so long is in doubt. */
export const DOUBT_MS = 60_000;
/** Orders that one look reads. */
const ORDERS_MAX = 1000;
const DAY_MS = 86_400_000;

const REMEDY =
  'each is asked for until the bank answers; if it does not, ask the bank and declare the outcome ' +
  'with its evidence (docs/runbooks/payment-cases.md)';

/** Orders in doubt at one channel, oldest first: at least one. */
interface Standing {
  readonly orders: readonly Pick<OrderRow, 'orderId' | 'startedAt'>[];
  readonly since: Date;
}

/**
 * Orders whose outcome is not known, by channel: read from the rows, so that a restart forgets
 * nothing. `/health` and the gauge show the last look.
 */
export class Doubts {
  private standing: ReadonlyMap<string, Standing> = new Map();
  private isBegun = false;

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly watch: Pick<ChannelWatch, 'resume'>;
      readonly logger: Pick<Logger, 'warn' | 'info'>;
    },
  ) {
    meter('caretab.payment')
      .createObservableGauge('caretab.payment.orders_in_doubt', {
        description: 'Orders without an outcome for over a minute, by channel',
      })
      .addCallback((result) => {
        for (const [channel, { orders }] of this.standing)
          result.observe(orders.length, { channel });
      });
  }

  /**
   * The first look of a process, before it sends anything: hands the circuits the orders in doubt.
   * Only those that were sent after the channel's last known outcome: a channel that has answered
   * since is there, and an older order is stuck by itself. What was asked for again after that is not
   * in the rows; then the channel is tried with a few requests more, which harms less than stopping
   * all collections at each start.
   */
  async begin(): Promise<void> {
    if (this.isBegun) return;
    await this.look();
    for (const [channel, standing] of this.standing) {
      const silent = await this.sinceAnswer(channel, standing);
      const [oldest] = silent;
      if (!oldest) continue;
      const orderIds = silent.map(({ orderId }) => orderId);
      this.parts.watch.resume(channel, orderIds, oldest.startedAt);
    }
    this.isBegun = true;
  }

  /** Returns 0: a job that has nothing more to do at once. */
  async look(): Promise<number> {
    const { logger } = this.parts;
    const before = this.standing;
    this.standing = await this.read();
    for (const [channel, { orders, since }] of this.standing)
      if (!before.has(channel))
        logger.warn({ channel, count: orders.length, since }, `orders are in doubt: ${REMEDY}`);
    for (const channel of before.keys())
      if (!this.standing.has(channel)) logger.info({ channel }, 'no order is in doubt any more');
    return 0;
  }

  degradations(): readonly Degradation[] {
    return [...this.standing].map(([channel, { orders, since }]) => ({
      what: `orders at ${channel}`,
      why: `${orders.length} have no outcome: ${REMEDY}`,
      since,
    }));
  }

  private read(): Promise<ReadonlyMap<string, Standing>> {
    const { store, clock } = this.parts;
    const nowMs = clock.now().getTime();
    return store.transact(async (transaction) => {
      // What is out has a next attempt: the index is by it.
      const out = await transaction.rows(collectionTable).find(
        {
          status: { in: ['sending', 'unresolved'] },
          nextAttemptAt: { lte: new Date(nowMs + DAY_MS) },
        },
        { countMax: ORDERS_MAX },
      );
      const orderIds = out.flatMap(({ orderId }) => orderId ?? []);
      if (orderIds.length === 0) return new Map();
      const orders = await transaction
        .rows(orderTable)
        .find(
          { orderId: { in: orderIds }, startedAt: { lte: new Date(nowMs - DOUBT_MS) } },
          { orderBy: 'startedAt' },
        );
      const found = new Map<string, Standing>();
      for (const { channel, orderId, startedAt } of orders) {
        const known = found.get(channel) ?? { orders: [], since: startedAt };
        found.set(channel, { ...known, orders: [...known.orders, { orderId, startedAt }] });
      }
      return found;
    });
  }

  /** Those of the orders that were sent after the last outcome that the channel gave. */
  private async sinceAnswer(
    channel: string,
    { orders, since }: Standing,
  ): Promise<Standing['orders']> {
    const told = {
      channel,
      status: { in: ['captured', 'declined'] as const },
      endedAt: { gt: since },
    };
    const [last] = await this.parts.store.transact((transaction) =>
      transaction
        .rows(orderTable)
        .find(told, { orderBy: 'endedAt', descending: true, countMax: 1 }),
    );
    const answeredAt = last?.endedAt;
    return answeredAt ? orders.filter(({ startedAt }) => startedAt > answeredAt) : orders;
  }
}

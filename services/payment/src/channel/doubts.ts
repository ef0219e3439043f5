import type { Degradation } from '@caretab/host';
import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { type Logger, meter } from '@caretab/telemetry';
import { collectionTable } from '../collection/collection.table';
import { orderTable } from '../collection/order.table';
import type { ChannelWatch } from './channel-watch';

/** An order without an outcome for so long is in doubt. */
export const DOUBT_MS = 60_000;
/** Orders that one look reads. */
const ORDERS_MAX = 1000;
const DAY_MS = 86_400_000;

const REMEDY =
  'each is asked for until the bank answers; if it does not, ask the bank and declare the outcome ' +
  'with its evidence (docs/runbooks/payment-cases.md)';

interface Standing {
  readonly count: number;
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
        for (const [channel, { count }] of this.standing) result.observe(count, { channel });
      });
  }

  /** The first look of a process, before it sends anything: what is in doubt opens the circuit. */
  async begin(): Promise<void> {
    if (this.isBegun) return;
    await this.look();
    this.isBegun = true;
    for (const [channel, { since }] of this.standing) this.parts.watch.resume(channel, since);
  }

  /** Returns 0: a job that has nothing more to do at once. */
  async look(): Promise<number> {
    const { logger } = this.parts;
    const before = this.standing;
    this.standing = await this.read();
    for (const [channel, { count, since }] of this.standing)
      if (!before.has(channel))
        logger.warn({ channel, count, since }, `orders are in doubt: ${REMEDY}`);
    for (const channel of before.keys())
      if (!this.standing.has(channel)) logger.info({ channel }, 'no order is in doubt any more');
    return 0;
  }

  degradations(): readonly Degradation[] {
    return [...this.standing].map(([channel, { count, since }]) => ({
      what: `orders at ${channel}`,
      why: `${count} have no outcome: ${REMEDY}`,
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
        .find({ orderId: { in: orderIds }, startedAt: { lte: new Date(nowMs - DOUBT_MS) } });
      const found = new Map<string, Standing>();
      for (const { channel, startedAt } of orders) {
        const known = found.get(channel);
        const since = known && known.since < startedAt ? known.since : startedAt;
        found.set(channel, { count: (known?.count ?? 0) + 1, since });
      }
      return found;
    });
  }
}

import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Decided } from '../case/open-case';
import { decidedByTwo } from '../case/two-names';
import { isClearedOn } from '../channel/answer';
import type { Channel, Movement, RefundOutcome, StatementEntry } from '../channel/channel';
import { statementPages } from '../channel/statement';
import { completeRefund } from '../refund/refund-outcome';
import { type RefundRow, refundTable } from '../refund/refund.table';
import { freshRefund, refundIds, voidNeedless } from '../refund/request-refund';
import { bookEnded } from './after-end';
import { type CollectionRow, collectionTable } from './collection.table';
import { captureTable, type OrderRow, orderTable } from './order.table';
import { collectibleFen, evenStatus } from './owed';
import { claimReference, momentFault } from './plausible';
import type { Calendars } from './policy';

export interface Adoption extends Decided {
  readonly visitId: string;
  readonly kind: Movement['kind'];
  /** Order id or refund id. */
  readonly id: string;
  readonly channel: string;
  /** Day of the statement. */
  readonly date: string;
}

/** Orders of one visit that an id is looked for among. */
const ORDERS_MAX = 200;
const ADOPTED = 'ADOPTED';

/** Money that the bank moved and payment does not know, since its database was restored. */
export class Adoptions {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly channel: Channel;
      readonly policy: Calendars;
    },
  ) {}

  /**
   * Books a capture or refund by the bank's statement and its own answer, decided by two people. What
   * is known already changes nothing. Throws VISIT_UNKNOWN (not-found); NOT_ON_STATEMENT,
   * ORDER_OF_ANOTHER_VISIT, CHANNEL_UNAVAILABLE (conflict).
   */
  async adopt(adoption: Adoption): Promise<void> {
    decidedByTwo(adoption);
    const { kind } = adoption;
    const listed = await this.listed(adoption);
    if (!listed?.amountFen) throw notListed(adoption, 'the statement of the day does not list it');
    await (kind === 'capture'
      ? this.capture(adoption, listed.amountFen)
      : this.refund(adoption, listed.amountFen));
  }

  /** Its row of the statement; pages after it are not asked for. */
  private async listed({ id, kind, date }: Adoption): Promise<StatementEntry | undefined> {
    for await (const entries of statementPages(this.parts.channel, date)) {
      const found = entries.find((entry) => entry.kind === kind && entry.id === id);
      if (found) return found;
    }
    return undefined;
  }

  private async capture(adoption: Adoption, amountFen: number): Promise<void> {
    const { store, clock, channel, policy } = this.parts;
    const orderId = adoption.id;
    const outcome = await channel.findPayment({
      ...{ orderId, amountFen, channel: adoption.channel },
    });
    if (outcome.status !== 'captured' || outcome.amountFen !== amountFen)
      throw notListed(adoption, `the channel answers ${outcome.status}`);
    await store.transact(async (transaction) => {
      const row = await lock(transaction, adoption.visitId);
      const known = await transaction.rows(orderTable).get({ orderId });
      const number = numberOf(row, orderId);
      if (number === undefined || (known && known.visitId !== row.visitId))
        throw ofAnother(adoption);
      if (known?.status === 'captured') return;
      this.mustFit(adoption, outcome.at);
      const asked = { orderId, channel: adoption.channel };
      if (!(await claimReference(transaction, asked, outcome.reference)))
        throw notListed(adoption, 'its reference stands for another order');
      const order = known ?? orderOf(adoption, { amountFen, attempt: number, now: clock.now() });
      if (!known) await transaction.rows(orderTable).insert(order);
      // A worker that has the order now must store nothing; later orders get ids of their own.
      const orders = Math.max(row.orders, number);
      const taken = settledOrder({ ...row, lease: row.lease + 1, orders }, orderId);
      const listed = { ...outcome, clearingDate: adoption.date };
      const booked = { order, outcome: listed, late: false, adopted: true };
      await bookEnded(transaction, taken, booked, { now: clock.now(), policy });
    });
  }

  /** When an order was sent is not known any more: the day of its statement says about when. */
  private mustFit(adoption: Adoption, at: Date): void {
    const now = this.parts.clock.now();
    if (momentFault(at, { since: at, now }) || !isClearedOn(adoption.date, at))
      throw notListed(adoption, 'the moment in the answer does not fit the day, or our clock');
  }

  private async refund(adoption: Adoption, amountFen: number): Promise<void> {
    const { store, clock, channel, policy } = this.parts;
    const refundId = adoption.id;
    const origin = await store.transact(async (transaction) =>
      originOf(transaction, await lock(transaction, adoption.visitId), refundId),
    );
    if (!origin) throw ofAnother(adoption);
    const asked = { refundId, orderId: origin.orderId, amountFen, channel: adoption.channel };
    const outcome: RefundOutcome = await channel.findRefund(asked);
    if (outcome.status !== 'refunded')
      throw notListed(adoption, `the channel answers ${outcome.status}`);
    this.mustFit(adoption, outcome.at);
    await store.transact(async (transaction) => {
      const now = clock.now();
      const row = await lock(transaction, adoption.visitId);
      const known = await transaction.rows(refundTable).get({ refundId }, { lock: 'wait' });
      if (known?.status === 'completed') return;
      const base: RefundRow = known ?? {
        ...freshRefund(now),
        refundId,
        visitId: row.visitId,
        orderId: origin.orderId,
        amountFen,
        channel: origin.channel,
      };
      const counted = known && known.status !== 'void' ? known.amountFen : 0;
      const { reference, at } = outcome;
      // The statement of that day lists it.
      const day = { channelDate: adoption.date, isChannelDateGiven: true };
      const made = {
        ...base,
        amountFen,
        lease: base.lease + 1,
        reference,
        refundedAt: at,
        ...day,
      };
      await transaction.rows(refundTable).save({ ...made, status: 'sending', nextAttemptAt: null });
      const asking = { ...row, refundingFen: row.refundingFen + amountFen - counted };
      const covered = await voidNeedless(transaction, asking, now);
      await completeRefund(transaction, covered, made, { now, policy });
    });
  }
}

const lock = async (transaction: Transaction, visitId: string): Promise<CollectionRow> => {
  const row = await transaction.rows(collectionTable).get({ visitId }, { lock: 'wait' });
  if (!row) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
  return row;
};

/** Which order of the visit it is; undefined: none. Ids derive from the visit. */
const numberOf = ({ paymentId }: CollectionRow, orderId: string): number | undefined => {
  for (let number = 1; number <= ORDERS_MAX; number += 1)
    if (derivedId('order', paymentId, String(number)) === orderId) return number;
  return undefined;
};

/** The capture that a refund of the visit is of. */
const originOf = async (
  transaction: Transaction,
  row: CollectionRow,
  refundId: string,
): Promise<{ readonly orderId: string; readonly channel: string } | undefined> => {
  const captures = await transaction.rows(captureTable).find({ visitId: row.visitId });
  return captures.find(({ orderId }) => refundIds(row, orderId).includes(refundId));
};

const orderOf = (
  { id: orderId, visitId, channel }: Adoption,
  { amountFen, attempt, now }: { amountFen: number; attempt: number; now: Date },
): OrderRow => ({
  orderId,
  visitId,
  attempt,
  amountFen,
  channel,
  accountId: null,
  sealedToken: null,
  status: 'failed',
  reason: ADOPTED,
  startedAt: now,
  endedAt: now,
  inquiries: 0,
  nextAttemptAt: null,
  lease: 0,
});

/** The order was out: it no longer is. */
const settledOrder = (row: CollectionRow, orderId: string): CollectionRow =>
  row.orderId !== orderId
    ? row
    : {
        ...row,
        orderId: null,
        status: collectibleFen(row) > 0 ? 'due' : evenStatus(row),
        nextAttemptAt: row.nextAttemptAt,
      };

const notListed = ({ id, kind, date }: Adoption, why: string): DomainError =>
  new DomainError('NOT_ON_STATEMENT', 'conflict', { id, kind, date, why });

const ofAnother = ({ id, visitId }: Adoption): DomainError =>
  new DomainError('ORDER_OF_ANOTHER_VISIT', 'conflict', { id, visitId });

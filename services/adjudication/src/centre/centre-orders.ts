import type { CentreReply } from '@caretab/centre';
import { stampOf } from '@caretab/centre';
import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { type Claimed, retryDelayMs, WorkQueue } from '@caretab/work-queue';
import { isCancelling, type StepOutcome, stepped } from './centre-order';
import { type CentreOrderRow, centreOrderTable } from './centre-order.table';

/** One message for a person at an institution; who knows the person fills in the rest. */
export interface CentreCall {
  readonly personId: string;
  readonly institutionId: string;
  readonly infno: string;
  /** Of the message id, behind the institution's code; absent: any. */
  readonly stamp?: string | undefined;
  readonly data: Readonly<Record<string, string>>;
  /** Of 2601: the stamp of the message that it undoes. */
  readonly undoes?: string | undefined;
}

/** The way to the centre: the only part that knows who a person is. */
export interface CentreDoor {
  call(call: CentreCall): Promise<CentreReply>;
}

export type PlacedOrder = Pick<
  CentreOrderRow,
  'orderId' | 'personId' | 'institutionId' | 'infno' | 'data'
>;

export interface CentreOrdersParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly centre: CentreDoor;
  readonly count: (outcome: string) => void;
}

type Doing = 'send' | 'query' | 'undo';
interface Item {
  readonly row: CentreOrderRow;
  readonly doing: Doing;
}

const LANES = 4;
/** Longer than all messages of one step. */
const LEASE_MS = 120_000;
const DELAYS_MS = [2_000, 10_000, 60_000, 300_000];
const SERIALS = 10_000;

/** Second and serial; two orders of an institution that draw the same do not both get it. */
const freshStamp = (now: Date, orderId: string, times: number): string => {
  const serial = parseInt(derivedId('centre-order', orderId, String(times)).slice(0, 8), 16);
  return stampOf(now).slice(0, 14) + String(serial % SERIALS).padStart(4, '0');
};

/**
 * Settlements at the centre, each made exactly once whatever is lost: the message id is stored before
 * the message goes out; what stands is what 5203 says; what cannot be found is undone by 2601 before
 * another message goes out.
 */
export class CentreOrders {
  private readonly queue: WorkQueue<CentreOrderRow, Item, StepOutcome>;

  constructor(private readonly parts: CentreOrdersParts) {
    const { store, clock } = parts;
    this.queue = new WorkQueue<CentreOrderRow, Item, StepOutcome>({
      ...{ store, clock, table: centreOrderTable, key: 'orderId' },
      ...{ lanes: LANES, leaseMs: LEASE_MS },
      plans: [{ where: {}, waitMaxMs: Math.max(...DELAYS_MS) }],
      begin: async (transaction, rows) =>
        Promise.all(rows.map((row) => this.begin(transaction, row))),
      work: async ({ row, doing }) => {
        await this.queue.record(row, await this.do(row, doing));
      },
      record: (transaction, row, outcome) => this.record(transaction, row, outcome),
    });
  }

  /** The same order again changes nothing; with other content it is a conflict. */
  async place(transaction: Transaction, order: PlacedOrder): Promise<CentreOrderRow> {
    const now = this.parts.clock.now();
    const row: CentreOrderRow = {
      ...{ ...order, step: 'send', stamp: freshStamp(now, order.orderId, 0), former: [] },
      ...{ last: null, settlement: null, doubts: [], attempts: 0 },
      ...{ placedAt: now, nextAttemptAt: now, lease: 0 },
    };
    const rows = transaction.rows(centreOrderTable);
    if (await rows.insertIfAbsent(row)) return row;
    const known = await rows.get({ orderId: order.orderId });
    const said = ({ personId, institutionId, infno, data }: PlacedOrder): string =>
      JSON.stringify([personId, institutionId, infno, Object.entries(data).toSorted()]);
    if (!known || said(known) !== said(order))
      throw new DomainError('CENTRE_ORDER_CONFLICT', 'conflict', { orderId: order.orderId });
    return known;
  }

  runOnce(): Promise<number> {
    return this.queue.runOnce();
  }

  countDue(aheadMs: number): Promise<number> {
    return this.queue.countDue(aheadMs);
  }

  /** From here on the message may be at the centre. */
  private async begin(
    transaction: Transaction,
    row: CentreOrderRow,
  ): Promise<Claimed<CentreOrderRow, Item>> {
    if (row.step === 'undo') return { row, item: { row, doing: 'undo' } };
    if (row.step === 'sent') return { row, item: { row, doing: 'query' } };
    if (row.step !== 'send') return { row: { ...row, nextAttemptAt: null } };
    const next: CentreOrderRow = { ...row, step: 'sent' };
    await transaction.rows(centreOrderTable).save(next);
    return { row: next, item: { row: next, doing: 'send' } };
  }

  private async do(row: CentreOrderRow, doing: Doing): Promise<StepOutcome> {
    const { personId, institutionId, infno, data, stamp } = row;
    const call = (more: Omit<CentreCall, 'personId' | 'institutionId'>): Promise<CentreReply> =>
      this.parts.centre.call({ personId, institutionId, ...more });
    if (doing === 'send') return { of: 'send', reply: await call({ infno, data, stamp }) };
    if (doing === 'query') {
      const mdtrt_id = data['mdtrt_id'] ?? '';
      const setl_id = isCancelling(row) ? (data['setl_id'] ?? '') : '';
      return { of: 'query', reply: await call({ infno: '5203', data: { mdtrt_id, setl_id } }) };
    }
    const replies: CentreReply[] = [];
    for (const undoes of [stamp, ...row.former])
      replies.push(await call({ infno: '2601', data: { oinfno: infno }, undoes }));
    return { of: 'undo', replies };
  }

  private async record(
    transaction: Transaction,
    row: CentreOrderRow,
    outcome: StepOutcome,
  ): Promise<void> {
    const { due, isNewMessage, ...next } = stepped(row, outcome);
    const now = this.parts.clock.now();
    const delayMs = due === 'wait' ? retryDelayMs(DELAYS_MS, row.attempts, row.orderId) : 0;
    const former = isNewMessage ? [...row.former, row.stamp] : row.former;
    this.parts.count(due === 'never' ? next.step : `${outcome.of}-${next.last ?? ''}`);
    await transaction.rows(centreOrderTable).save({
      ...{ ...row, ...next, former },
      stamp: isNewMessage ? freshStamp(now, row.orderId, former.length) : row.stamp,
      attempts: isNewMessage ? 0 : row.attempts + 1,
      nextAttemptAt: due === 'never' ? null : new Date(now.getTime() + delayMs),
    });
  }
}

import { assert, type Clock, derivedId } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { type Claimed, retryDelayMs, WorkQueue } from '@caretab/work-queue';
import { accountTable } from '../account/account.table';
import { billedTo, type Hold } from '../hold/hold';
import { holdTable } from '../hold/hold.table';
import { BankHolds, type BankHoldsParts } from './bank-holds';
import type { Lender, LenderAnswer, LenderOrder } from './lender';
import { type Loan, nextOrder, orderDone } from './loan';
import { loanTable } from './loan.table';
import { withSaid } from './repaid';

export interface LoansParts extends BankHoldsParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Absent: no bank is connected, and each hold of a bank's product is declined as silence. */
  readonly lender: Lender | undefined;
  readonly count: (kind: LenderOrder['kind'], outcome: string) => void;
}

/** The question about a hold that the bank's answer decides. */
interface Asking {
  readonly id: string;
  readonly traceparent?: string | undefined;
  readonly data: { readonly visitId: string; readonly personId: string };
}

const LANES = 4;
/** Longer than one question may take. */
const LEASE_MS = 30_000;
const DELAYS_MS = [1_000, 5_000, 15_000, 60_000, 300_000, 3_600_000];
/** A bank that has said nothing about a hold for so long is silent. */
const SILENT_AFTER_MS = 30_000;
/** What the bank refused to change is asked again, by a new order. */
const REFUSED_MS = 24 * 3_600_000;
/** What has to be done, and the bank does not do. */
const REFUSED = {
  reserve: 'RESERVE_REFUSED',
  draw: 'DRAW_REFUSED',
  reduce: 'REDUCE_REFUSED',
  release: 'RELEASE_REFUSED',
} as const;

/**
 * Loans of banks. What is wanted of the bank is written with what causes it; the queue brings the bank
 * there, one order at a time. An order that is out is asked until it is answered, so nothing is assumed
 * of it. Locks are taken in the order hold, account, loan.
 */
export class Loans {
  private readonly holds: BankHolds;
  private readonly queue: WorkQueue<Loan, Loan, LenderAnswer>;

  constructor(private readonly parts: LoansParts) {
    const { store, clock } = parts;
    this.holds = new BankHolds(parts);
    this.queue = new WorkQueue<Loan, Loan, LenderAnswer>({
      ...{ store, clock, table: loanTable, key: 'visitId', lanes: LANES, leaseMs: LEASE_MS },
      plans: [{ where: {}, waitMaxMs: REFUSED_MS }],
      begin: async (_transaction, rows) => rows.map((row) => begun(row)),
      work: async (row) => void (await this.queue.record(row, await this.ask(row))),
      prepare: async (transaction, group) => {
        const visitIds = group.map(({ leased: { visitId } }) => ({ visitId }));
        const holds = await transaction.rows(holdTable).lockAll(visitIds);
        await transaction
          .rows(accountTable)
          .lockAll(holds.map(({ accountPersonId }) => ({ accountPersonId })));
      },
      record: async (transaction, row, answer) =>
        transaction.rows(loanTable).save(await this.answered(transaction, row, answer)),
    });
  }

  /** Asks banks what is due; returns how many loans it looked at. */
  runOnce(): Promise<number> {
    return this.queue.runOnce();
  }

  /** The first reservation of a visit; its hold waits for it. */
  async reserve(transaction: Transaction, event: Asking, hold: Hold): Promise<void> {
    assert(hold.lenderId, 'a bank lends');
    await transaction.rows(loanTable).insert({
      ...{ visitId: hold.visitId, personId: hold.personId, lenderId: hold.lenderId },
      ...{ accountPersonId: billedTo(hold), state: 'none', amountFen: 0, orders: 0 },
      ...{ orderKind: null, orderFen: 0, requestId: null, attempts: 0, lease: 0 },
      ...{ repaidFen: 0, overdueSince: null, difference: null, differsSince: null },
      ...{ saidRepaidFen: 0, refusedFor: null, refusals: 0 },
      ...this.asking(event, { asks: 'first', wantedFen: hold.heldFen, beforeFen: 0 }),
    });
  }

  /** A higher reservation; false where an earlier one is not answered yet. */
  async raise(
    transaction: Transaction,
    event: Asking & { readonly data: { readonly requestId: string } },
    { visitId, heldFen: beforeFen }: Hold,
    wantedFen: number,
  ): Promise<boolean> {
    const loan = await this.lock(transaction, visitId);
    if (!loan || loan.asks !== null) return false;
    const asking = this.asking(event, { asks: 'increase', wantedFen, beforeFen });
    const { requestId } = event.data;
    await transaction.rows(loanTable).save({ ...loan, ...asking, requestId });
    return true;
  }

  /** The due is fixed, or less or nothing is wanted: nothing waits for the reservation then. */
  async want(
    transaction: Transaction,
    visitId: string,
    wantedState: Loan['wantedState'],
    wantedFen: number,
  ): Promise<void> {
    const loan = await this.lock(transaction, visitId);
    if (!loan) return;
    const nextAttemptAt = loan.orderKind === null ? this.parts.clock.now() : loan.nextAttemptAt;
    const wanted = { wantedState, wantedFen, asks: null, requestId: null, nextAttemptAt };
    await transaction.rows(loanTable).save({ ...loan, ...wanted });
  }

  private lock(transaction: Transaction, visitId: string): Promise<Loan | undefined> {
    return transaction.rows(loanTable).get({ visitId }, { lock: 'wait' });
  }

  private asking(event: Asking, asked: Pick<Loan, 'asks' | 'wantedFen' | 'beforeFen'>) {
    const now = this.parts.clock.now();
    return {
      ...asked,
      ...{ wantedState: 'reserved' as const, askedSince: now, nextAttemptAt: now },
      ...{ causationId: event.id, traceparent: event.traceparent ?? null },
    };
  }

  private async ask(row: Loan): Promise<LenderAnswer> {
    const { lender } = this.parts;
    if (!lender || row.orderKind === null) return { status: 'no-answer' };
    const { visitId, lenderId, accountPersonId, orderKind: kind, orderFen: amountFen } = row;
    const orderId = derivedId('lender-order', visitId, String(row.orders));
    return lender.ask({ orderId, kind, lenderId, visitId, accountPersonId, amountFen });
  }

  private async answered(transaction: Transaction, row: Loan, answer: LenderAnswer): Promise<Loan> {
    assert(row.orderKind, 'an order was out');
    this.parts.count(row.orderKind, answer.status);
    if (answer.status === 'done') {
      const { accounts, clock } = this.parts;
      const loan = await withSaid(transaction, accounts, orderDone(row), clock.now());
      const isGranted = loan.asks !== null && loan.state === 'reserved';
      return this.onward(
        isGranted && loan.amountFen === loan.wantedFen
          ? await this.holds.answer(transaction, loan)
          : loan,
      );
    }
    if (answer.status === 'refused') {
      const ended = { orderKind: null, orderFen: 0, attempts: 0 };
      const loan = { ...row, ...ended, difference: null, differsSince: null };
      if (row.asks !== null)
        return this.onward(await this.holds.answer(transaction, loan, 'LENDER_REFUSED'));
      // What is wanted by now may be something else, or nothing.
      const next = nextOrder(loan);
      const isWanted = next?.kind === row.orderKind && next.amountFen === row.orderFen;
      if (!isWanted) return this.onward({ ...loan, refusedFor: null, refusals: 0 });
      const refused = { ...loan, refusedFor: answer.reason, refusals: loan.refusals + 1 };
      return this.differs(refused, REFUSED[row.orderKind], REFUSED_MS);
    }
    const later = this.later(row);
    const loan =
      answer.status === 'contradiction'
        ? this.differs(later, answer.reason, later.nextAttemptAt.getTime() - this.nowMs())
        : later;
    return row.asks !== null && this.nowMs() >= row.askedSince.getTime() + SILENT_AFTER_MS
      ? this.holds.answer(transaction, loan, 'LENDER_SILENT')
      : loan;
  }

  private onward(loan: Loan): Loan {
    return { ...loan, nextAttemptAt: nextOrder(loan) ? this.parts.clock.now() : null };
  }

  private differs(loan: Loan, difference: string, againMs: number): Loan {
    const nextAttemptAt = new Date(this.nowMs() + againMs);
    const differsSince = loan.differsSince ?? this.parts.clock.now();
    return { ...loan, difference, differsSince, nextAttemptAt };
  }

  /** The same order again; where a hold waits, no later than when the bank counts as silent. */
  private later(row: Loan): Loan & { readonly nextAttemptAt: Date } {
    const delayMs = retryDelayMs(DELAYS_MS, row.attempts, `${row.visitId} ${row.orders}`);
    const silentAt = row.askedSince.getTime() + SILENT_AFTER_MS;
    const isWaiting = row.asks !== null && silentAt > this.nowMs();
    const atMs = this.nowMs() + delayMs;
    const nextAttemptAt = new Date(isWaiting ? Math.min(atMs, silentAt) : atMs);
    return { ...row, attempts: row.attempts + 1, nextAttemptAt };
  }

  private nowMs(): number {
    return this.parts.clock.now().getTime();
  }
}

/** A new order where none is out, and one is wanted. */
const begun = (row: Loan): Claimed<Loan, Loan> => {
  if (row.orderKind !== null) return { row, item: row };
  const next = nextOrder(row);
  if (!next) return { row: { ...row, nextAttemptAt: null } };
  const { kind: orderKind, amountFen: orderFen } = next;
  const asked = { ...row, orderKind, orderFen, orders: row.orders + 1 };
  return { row: asked, item: asked };
};

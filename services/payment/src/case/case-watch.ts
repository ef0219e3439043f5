import type { Degradation } from '@caretab/host';
import type { Store, Transaction } from '@caretab/store';
import type { Logger } from '@caretab/telemetry';
import { orderTable } from '../collection/order.table';
import { OUTCOME_UNKNOWN } from '../refund/refund-outcome';
import { type CaseKind, caseTable } from './case.table';

/** Cases of a kind that one look reads, the oldest first. */
const CASES_MAX = 1000;

/** What an operator's case is about, as `/health` calls it. */
const KINDS = {
  'refunds in doubt': 'have no outcome: ask the bank and declare the outcome with its evidence',
  'refunds owed': 'were not made by the bank: pay them back in another way',
  'orders contradicted':
    'have ended otherwise than the bank says now: ask it, and compare with the statement',
  'visits denied':
    'were denied by who is to pay: ask the hospital who was there, and end their cases',
  'debits held':
    'are held by the rules of risk: look at them, and release or refuse them by two persons',
  'pay-outs returned': 'were rejected or returned by the bank: correct the account, and pay again',
  "bank's lines unmatched": 'fit no instruction and no party: ask the bank or who paid',
} as const;
/** Orders that have ended; `Doubts` reports those that are out. */
const ENDED = ['captured', 'declined', 'failed'] as const;
type Kind = keyof typeof KINDS;

const RUNBOOK = 'docs/runbooks/payment-cases.md';

interface Standing {
  readonly count: number;
  readonly since: Date;
}

/**
 * What nothing ends by itself: open cases of refunds, of visits that were denied, of debits that
 * rules hold, and of orders that
 * the bank contradicts after they had ended. Read from the rows, so that a restart forgets nothing.
 * `/health` shows the last look.
 */
export class CaseWatch {
  private standing: ReadonlyMap<Kind, Standing> = new Map();

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly logger: Pick<Logger, 'warn' | 'info'>;
    },
  ) {}

  /** Returns 0: a job that has nothing more to do at once. */
  async look(): Promise<number> {
    const { logger } = this.parts;
    const before = this.standing;
    this.standing = await this.read();
    for (const [kind, { count, since }] of this.standing)
      if (!before.has(kind)) logger.warn({ count, since }, `${kind}: they wait for an operator`);
    for (const kind of before.keys())
      if (!this.standing.has(kind)) logger.info({}, `no ${kind} any more`);
    return 0;
  }

  degradations(): readonly Degradation[] {
    return [...this.standing].map(([what, { count, since }]) => ({
      what,
      why: `${count} ${KINDS[what]} (${RUNBOOK})`,
      since,
    }));
  }

  private read(): Promise<ReadonlyMap<Kind, Standing>> {
    return this.parts.store.transact(async (transaction) => {
      const found = new Map<Kind, Standing>();
      const note = (kind: Kind, openedAt: Date): void => {
        const { count = 0, since = openedAt } = found.get(kind) ?? {};
        found.set(kind, { count: count + 1, since });
      };
      for (const { reason, openedAt } of await openOf(transaction, 'refund'))
        note(reason === OUTCOME_UNKNOWN ? 'refunds in doubt' : 'refunds owed', openedAt);
      for (const { openedAt } of await ofEndedOrders(transaction))
        note('orders contradicted', openedAt);
      for (const { openedAt } of await openOf(transaction, 'presence'))
        note('visits denied', openedAt);
      for (const { openedAt } of await openOf(transaction, 'risk')) note('debits held', openedAt);
      for (const { openedAt } of await openOf(transaction, 'payout'))
        note('pay-outs returned', openedAt);
      for (const { openedAt } of await openOf(transaction, 'bank-entry'))
        note("bank's lines unmatched", openedAt);
      return found;
    });
  }
}

const openOf = (transaction: Transaction, kind: CaseKind) =>
  transaction
    .rows(caseTable)
    .find({ status: 'open', kind }, { orderBy: 'openedAt', countMax: CASES_MAX });

const ofEndedOrders = async (transaction: Transaction) => {
  const open = await openOf(transaction, 'order');
  if (open.length === 0) return [];
  const orderId = { in: open.map(({ subjectId }) => subjectId) };
  const orders = await transaction.rows(orderTable).find({ orderId, status: { in: ENDED } });
  const ended = new Set(orders.map((order) => order.orderId));
  return open.filter(({ subjectId }) => ended.has(subjectId));
};

import { readFileSync } from 'node:fs';
import type { LedgerStory, Movement } from './audit-ledger';
import { type PaymentBooks, sameMovements } from './audit-payment';
import { Check, type Finding } from './finding';

/** A line of the bank's own record. */
export type AcquirerEntry =
  | {
      readonly type: 'payment';
      readonly payment: {
        readonly orderId: string;
        readonly amountFen: number;
        readonly status: string;
        readonly at: string;
      };
    }
  | {
      readonly type: 'refund';
      readonly refund: {
        readonly refundId: string;
        readonly orderId: string;
        readonly amountFen: number;
        readonly at: string;
      };
    }
  | { readonly type: 'trouble' };

/** A journal of JSON lines; a last line truncated by a crash was never acknowledged. */
export const linesOf = <Entry>(file: string): Entry[] => {
  const text = readFileSync(file, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry);
};

const SHANGHAI_MS = 8 * 3_600_000;
const DAY_TEXT = 10;

/** The channel's own days (Asia/Shanghai) on which money moved. */
export const moneyDays = (entries: readonly AcquirerEntry[]): string[] => {
  const dayOf = (at: string): string =>
    new Date(Date.parse(at) + SHANGHAI_MS).toISOString().slice(0, DAY_TEXT);
  const days = entries.flatMap((entry) =>
    entry.type === 'payment'
      ? [dayOf(entry.payment.at)]
      : entry.type === 'refund'
        ? [dayOf(entry.refund.at)]
        : [],
  );
  return [...new Set(days)].sort();
};

/** What the bank took and gave back, as its record ends. */
const movedIn = (
  entries: readonly AcquirerEntry[],
): {
  readonly captured: Map<string, Movement>;
  readonly refunded: Map<string, Movement>;
  readonly processing: Set<string>;
} => {
  const captured = new Map<string, Movement>();
  const refunded = new Map<string, Movement>();
  const processing = new Set<string>();
  for (const entry of entries) {
    if (entry.type === 'payment') {
      const { orderId, amountFen, status } = entry.payment;
      processing.delete(orderId);
      if (status === 'captured') captured.set(orderId, { visitId: '', amountFen });
      if (status === 'processing') processing.add(orderId);
    }
    if (entry.type === 'refund')
      refunded.set(entry.refund.refundId, { visitId: '', amountFen: entry.refund.amountFen });
  }
  return { captured, refunded, processing };
};

const onBothSides = (
  entries: readonly AcquirerEntry[],
  { captures, refunds }: PaymentBooks,
  story: LedgerStory,
): Finding => {
  const check = new Check(
    'every capture and refund of the acquirer’s own record is on payment’s books ' +
      'and on the ledger exactly once, and the other way round',
  );
  const { captured, refunded, processing } = movedIn(entries);
  sameMovements(check, { acquirer: captured, payment: captures, ledger: story.payments });
  sameMovements(check, {
    acquirer: refunded,
    payment: new Map(
      refunds.filter(({ status }) => status === 'completed').map((row) => [row.refundId, row]),
    ),
    ledger: story.refunds,
  });
  for (const { refundId, visitId, status } of refunds)
    check.must(status === 'completed' || status === 'void', () => ({ refundId, visitId, status }));
  check.must(processing.size === 0, () => ({ neverAskedAgain: [...processing].slice(0, 3) }));
  return check.finding();
};

/** Follows the record in its order: at no moment had a visit paid more than was ever due for it. */
const takenOnce = (
  entries: readonly AcquirerEntry[],
  { orders }: PaymentBooks,
  story: LedgerStory,
): Finding => {
  const check = new Check(
    'the acquirer took nothing twice: at no moment had a visit paid more than was ever due for it',
  );
  const taken = new Map<string, number>();
  const seen = new Set<string>();
  for (const entry of entries) {
    if (
      entry.type === 'trouble' ||
      (entry.type === 'payment' && entry.payment.status !== 'captured')
    )
      continue;
    const { orderId, amountFen } = entry.type === 'payment' ? entry.payment : entry.refund;
    if (entry.type === 'payment' && seen.has(orderId)) continue; // Its later states repeat it.
    if (entry.type === 'payment') seen.add(orderId);
    const visitId = orders.get(orderId) ?? `order ${orderId}`;
    taken.set(
      visitId,
      (taken.get(visitId) ?? 0) + (entry.type === 'payment' ? amountFen : -amountFen),
    );
    const dueMaxFen = story.book.tabs.get(visitId)?.dueMaxFen ?? 0;
    check.must(taken.get(visitId)! <= dueMaxFen && taken.get(visitId)! >= 0, () => ({
      visitId,
      orderId,
      takenFen: taken.get(visitId),
      dueMaxFen,
    }));
  }
  return check.finding();
};

export interface Reconciled {
  readonly date: string;
  readonly matched: number;
  readonly agrees: boolean;
  readonly onlyOurs: readonly unknown[];
  readonly onlyTheirs: readonly unknown[];
  readonly amountsDiffer: readonly unknown[];
}

/** Payment's own reconciliation of each day. */
const reconciled = (days: readonly Reconciled[], { captures, refunds }: PaymentBooks): Finding => {
  const check = new Check(
    'payment’s own reconciliation finds no difference on any day, and every movement of money is in one of them',
  );
  for (const { date, agrees, onlyOurs, onlyTheirs, amountsDiffer } of days)
    check.must(agrees, () => ({
      date,
      onlyOurs: onlyOurs.slice(0, 3),
      onlyTheirs: onlyTheirs.slice(0, 3),
      amountsDiffer: amountsDiffer.slice(0, 3),
    }));
  const matched = days.reduce((sum, day) => sum + day.matched, 0);
  const moved = captures.size + refunds.filter(({ status }) => status === 'completed').length;
  check.must(matched === moved, () => ({ matched, moved }));
  return check.finding();
};

export const acquirerFindings = (
  entries: readonly AcquirerEntry[],
  days: readonly Reconciled[],
  books: PaymentBooks,
  story: LedgerStory,
): Finding[] => [
  onBothSides(entries, books, story),
  takenOnce(entries, books, story),
  reconciled(days, books),
];

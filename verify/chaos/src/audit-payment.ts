import type { LedgerStory, Movement } from './audit-ledger';
import { Check, type Finding } from './finding';

export interface JournalRow {
  readonly reference: string;
  readonly account: string;
  readonly debitFen: number;
  readonly creditFen: number;
}

export interface CollectionRow {
  readonly visitId: string;
  readonly status: string;
  readonly revision: number;
  readonly grossFen: number;
  readonly dueFen: number;
  readonly capturedFen: number;
  readonly refundingFen: number;
  readonly refundedFen: number;
}

export interface RefundRow extends Movement {
  readonly refundId: string;
  readonly status: string;
}

/** Payment's books as they stand. */
export interface PaymentBooks {
  readonly journal: readonly JournalRow[];
  readonly collections: readonly CollectionRow[];
  /** Order → visit. */
  readonly orders: ReadonlyMap<string, string>;
  readonly captures: ReadonlyMap<string, Movement>;
  readonly refunds: readonly RefundRow[];
}

const PATIENTS = 'receivable/patients';

/** `verdict/<visit>/<revision>`, `capture/<order>`, `refund/<refund>`. */
const visitOf = (
  reference: string,
  { orders }: PaymentBooks,
  refundVisits: ReadonlyMap<string, string>,
): string => {
  const [kind, id = ''] = reference.split('/');
  return (
    (kind === 'verdict' ? id : kind === 'capture' ? orders.get(id) : refundVisits.get(id)) ??
    `reference ${reference}`
  );
};

interface VisitSums {
  debitFen: number;
  creditFen: number;
  patientsFen: number;
  institutionFen: number;
}

const sumsOf = (books: PaymentBooks): Map<string, VisitSums> => {
  const refundVisits = new Map(books.refunds.map(({ refundId, visitId }) => [refundId, visitId]));
  const sums = new Map<string, VisitSums>();
  for (const { reference, account, debitFen, creditFen } of books.journal) {
    const visitId = visitOf(reference, books, refundVisits);
    const sum = sums.get(visitId) ?? {
      debitFen: 0,
      creditFen: 0,
      patientsFen: 0,
      institutionFen: 0,
    };
    sums.set(visitId, sum);
    sum.debitFen += debitFen;
    sum.creditFen += creditFen;
    if (account === PATIENTS) sum.patientsFen += debitFen - creditFen;
    if (account.startsWith('payable/institution/')) sum.institutionFen += creditFen - debitFen;
  }
  return sums;
};

/**
 * Whole and per visit; and what the journal says of a visit is what the collection and the ledger
 * say.
 */
const journalBalances = (books: PaymentBooks, story: LedgerStory): Finding => {
  const check = new Check(
    'debits equal credits in payment’s journal, overall and in every visit, and it ' +
      'says of each visit what the ledger says',
  );
  const sums = sumsOf(books);
  const all = [...sums.values()].reduce(
    (total, { debitFen, creditFen }) => ({
      debitFen: total.debitFen + debitFen,
      creditFen: total.creditFen + creditFen,
    }),
    { debitFen: 0, creditFen: 0 },
  );
  check.must(all.debitFen === all.creditFen, () => all);
  for (const [visitId, sum] of sums) {
    const tab = story.book.tabs.get(visitId);
    const owedFen =
      (tab?.verdict?.patientDueFen ?? 0) - (tab?.paidFen ?? 0) + (tab?.refundedFen ?? 0);
    check.must(
      sum.debitFen === sum.creditFen &&
        sum.patientsFen === owedFen &&
        sum.institutionFen === (tab?.verdict?.grossFen ?? 0),
      () => ({ visitId, ...sum, owedFen, grossFen: tab?.verdict?.grossFen ?? null }),
    );
  }
  return check.finding();
};

const OVER = new Set(['paid', 'declined']);

/** The ledger's side and payment's side of each visit. */
const duesPaid = ({ collections }: PaymentBooks, story: LedgerStory): Finding => {
  const check = new Check(
    'due = paid − refunded + still owed, in payment as on the ledger, and only a declined collection is still owed',
  );
  const byVisit = new Map(collections.map((row) => [row.visitId, row]));
  for (const [visitId, { verdict, paidFen, refundedFen }] of story.book.tabs) {
    const row = byVisit.get(visitId);
    if (!verdict && !row) continue;
    const owedFen = (verdict?.patientDueFen ?? 0) - paidFen + refundedFen;
    const agrees =
      row !== undefined &&
      row.dueFen === verdict?.patientDueFen &&
      row.capturedFen === paidFen &&
      row.refundedFen === refundedFen &&
      row.refundingFen === refundedFen;
    check.must(
      agrees &&
        OVER.has(row.status) &&
        owedFen >= 0 &&
        (owedFen === 0 || row.status === 'declined'),
      () => ({ visitId, verdict: verdict ?? null, paidFen, refundedFen, collection: row ?? null }),
    );
  }
  for (const { visitId } of collections)
    check.must(story.book.tabs.has(visitId), () => ({
      visitId,
      collection: 'of a visit that the ledger does not know',
    }));
  return check.finding();
};

/** A movement is in each of the books, once and with one amount. Keys and amounts are compared. */
export const sameMovements = (
  check: Check,
  books: Readonly<Record<string, ReadonlyMap<string, { readonly amountFen: number }>>>,
): void => {
  const ids = new Set(Object.values(books).flatMap((book) => [...book.keys()]));
  for (const id of ids) {
    const amounts = Object.entries(books).map(
      ([name, book]) => [name, book.get(id)?.amountFen ?? null] as const,
    );
    check.must(new Set(amounts.map(([, amountFen]) => amountFen)).size === 1, () => ({
      id,
      ...Object.fromEntries(amounts),
    }));
  }
};

export const paymentFindings = (books: PaymentBooks, story: LedgerStory): Finding[] => [
  journalBalances(books, story),
  duesPaid(books, story),
];

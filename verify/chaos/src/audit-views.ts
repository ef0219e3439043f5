import type { Tab } from '@caretab/simulation';
import type { LedgerStory } from './audit-ledger';
import { Check, type Finding } from './finding';

export interface VisitViewRow {
  readonly visitId: string;
  readonly status: string;
  readonly grossFen: number;
  readonly patientDueFen: number | null;
  readonly paidFen: number;
  readonly refundedFen: number;
  readonly chargesDeferred: number;
  readonly chargesWaiting: number;
  readonly chargesNotDeferred: number;
  readonly chargesReturned: number;
  readonly conflicts: number;
}

export interface BalanceRow {
  readonly account: string;
  readonly debitFen: number;
  readonly creditFen: number;
}

export interface ViewCheck {
  readonly equal: boolean;
  readonly views: readonly {
    readonly view: string;
    readonly rows: number;
    readonly differences: readonly string[];
  }[];
}

/** Nothing is left of the charge. */
const isGone = ({ returnedFen, amounts }: Tab, chargeId: string): boolean =>
  returnedFen.get(chargeId) === amounts.get(chargeId);

/** What was wholly taken back counts no longer. */
const countOf = (tab: Tab, wanted: string): number =>
  [...tab.decisions].filter(([chargeId, decision]) => decision === wanted && !isGone(tab, chargeId))
    .length;

/** Late charges for whose agreement the patient was asked, and that have no answer. */
const askedOf = (tab: Tab, asked: ReadonlyMap<string, number> = new Map()): number =>
  [...asked.keys()].filter((chargeId) => !tab.decisions.has(chargeId)).length;

const rowOf = (visitId: string, tab: Tab, { conflicts, asked }: LedgerStory): VisitViewRow => ({
  visitId,
  status: tab.status,
  grossFen: tab.grossFen,
  patientDueFen: tab.verdict?.patientDueFen ?? null,
  paidFen: tab.paidFen,
  refundedFen: tab.refundedFen,
  // A visit that was cancelled has nothing on it.
  chargesDeferred: tab.status === 'cancelled' ? 0 : countOf(tab, 'ChargeDeferred'),
  chargesWaiting: askedOf(tab, asked.get(visitId)),
  chargesNotDeferred: countOf(tab, 'ChargeNotDeferred'),
  chargesReturned: [...tab.returnedFen.keys()].filter((chargeId) => isGone(tab, chargeId)).length,
  conflicts: conflicts.get(visitId) ?? 0,
});

const visitsShown = (rows: readonly VisitViewRow[], story: LedgerStory): Finding => {
  const check = new Check(
    'every visit is shown as its facts fold, counted by an onlooker of one’s own',
  );
  const shown = new Map(rows.map((row) => [row.visitId, row]));
  for (const [visitId, tab] of story.book.tabs) {
    const expected = rowOf(visitId, tab, story);
    const row = shown.get(visitId);
    const fields = Object.keys(expected) as (keyof VisitViewRow)[];
    check.must(
      row !== undefined && fields.every((field) => row[field] === expected[field]),
      () => ({
        visitId,
        differs: row
          ? fields
              .filter((field) => row[field] !== expected[field])
              .map((field) => ({ field, shown: row[field], folded: expected[field] }))
          : 'not shown',
      }),
    );
  }
  for (const { visitId } of rows)
    check.must(story.book.tabs.has(visitId), () => ({ visitId, shown: 'but not on the ledger' }));
  return check.finding();
};

/** `rebuilt`: whether the rows after a rebuild are those from before. */
const viewsEqual = (
  before: ViewCheck,
  rebuilt: { readonly check: ViewCheck; readonly isSame: boolean },
): Finding => {
  const check = new Check(
    'every view equals the fold of its events, by the ledger’s own check, and ' +
      'dropping and rebuilding them changes nothing',
  );
  for (const { equal, views } of [before, rebuilt.check]) {
    check.must(equal, () => ({ equal }));
    for (const { view, rows, differences } of views)
      check.must(rows > 0 && differences.length === 0, () => ({
        view,
        rows,
        differences: differences.slice(0, 3),
      }));
  }
  check.must(rebuilt.isSame, () => ({ rebuilt: 'other rows than before' }));
  return check.finding();
};

const trialBalance = (rows: readonly BalanceRow[], story: LedgerStory): Finding => {
  const check = new Check(
    'debits equal credits in the ledger’s double-entry book, and patients owe there what their visits owe',
  );
  const sums = rows.reduce(
    (sum, { debitFen, creditFen }) => ({
      debitFen: sum.debitFen + debitFen,
      creditFen: sum.creditFen + creditFen,
    }),
    { debitFen: 0, creditFen: 0 },
  );
  check.must(sums.debitFen === sums.creditFen && sums.debitFen > 0, () => sums);
  const owedFen = [...story.book.tabs.values()].reduce(
    (sum, { verdict, paidFen, refundedFen }) =>
      sum + (verdict?.patientDueFen ?? 0) - paidFen + refundedFen,
    0,
  );
  const patients = rows.find(({ account }) => account === 'patients');
  check.must(owedFen === (patients?.debitFen ?? 0) - (patients?.creditFen ?? 0), () => ({
    owedFen,
    patients: patients ?? null,
  }));
  return check.finding();
};

export interface Views {
  readonly visits: readonly VisitViewRow[];
  readonly balances: readonly BalanceRow[];
  readonly check: ViewCheck;
  readonly rebuilt: { readonly check: ViewCheck; readonly isSame: boolean };
}

export const viewFindings = (views: Views, story: LedgerStory): Finding[] => [
  visitsShown(views.visits, story),
  viewsEqual(views.check, views.rebuilt),
  trialBalance(views.balances, story),
];

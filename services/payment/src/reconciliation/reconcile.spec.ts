import fc from 'fast-check';
import type { Movement, StatementEntry } from '../channel/channel';
import { Comparison, isMovement, keyOf, type Reconciliation } from './reconcile';

/** Compares in pages of so many rows; of ours, each page finds what its keys name. */
const reconcile = (
  ours: readonly Movement[],
  statement: readonly StatementEntry[],
  pageRows = 2,
): Reconciliation => {
  const comparison = new Comparison<Movement>();
  for (let from = 0; from < statement.length; from += pageRows) {
    const page = statement.slice(from, from + pageRows);
    const keys = new Set(page.filter(isMovement).map(keyOf));
    comparison.statement(
      page,
      ours.filter((entry) => keys.has(keyOf(entry))),
    );
  }
  for (let from = 0; from < ours.length; from += pageRows)
    comparison.ours(ours.slice(from, from + pageRows));
  return comparison.result();
};

const capture = (id: string, amountFen: number) => ({ kind: 'capture' as const, id, amountFen });
const refund = (id: string, amountFen: number) => ({ kind: 'refund' as const, id, amountFen });

test('a day whose books agree is all matched', () => {
  const entries = [capture('o1', 500), refund('r1', 200)];
  expect(reconcile(entries, entries)).toEqual({
    matched: 2,
    matchedFen: 300,
    onlyOurs: [],
    onlyTheirs: [],
    amountsDiffer: [],
    others: [],
    agrees: true,
  });
});

test('what only one side has, and what differs, is listed', () => {
  const result = reconcile(
    [capture('o1', 500), capture('o2', 100), capture('x', 7)],
    [capture('o1', 400), capture('o3', 9), refund('x', 7)],
  );
  expect(result).toEqual({
    matched: 0,
    matchedFen: 0,
    agrees: false,
    others: [],
    onlyOurs: [capture('o2', 100), capture('x', 7)],
    onlyTheirs: [capture('o3', 9), refund('x', 7)],
    amountsDiffer: [{ kind: 'capture', id: 'o1', oursFen: 500, theirsFen: 400 }],
  });
});

test('a chargeback, a fee and a row that nobody can read are listed, and hide no other row', () => {
  const others = [
    { kind: 'chargeback', id: 'o1', amountFen: -500 },
    { kind: 'fee', id: 'row 2', amountFen: 3 },
    { kind: 'unreadable', id: 'row 3', amountFen: null },
  ];
  expect(reconcile([capture('o1', 500)], [...others, capture('o1', 500)])).toMatchObject({
    matched: 1,
    others,
    onlyTheirs: [],
    agrees: false,
  });
});

test('what the channel has twice is matched once, and the other time is listed as theirs alone', () => {
  expect(reconcile([capture('o1', 500)], [capture('o1', 500), capture('o1', 500)])).toMatchObject({
    matched: 1,
    onlyTheirs: [capture('o1', 500)],
    agrees: false,
  });
  expect(reconcile([capture('o1', 500)], [capture('o1', 400), capture('o1', 500)])).toMatchObject({
    matched: 1,
    amountsDiffer: [],
    onlyTheirs: [capture('o1', 400)],
    agrees: false,
  });
});

test('every entry of either side is matched or listed, each exactly once, in pages of any size', () => {
  const entry = fc.record({
    kind: fc.constantFrom('capture' as const, 'refund' as const),
    id: fc.constantFrom('a', 'b', 'c', '__proto__'),
    amountFen: fc.nat(3),
  });
  const books = fc.uniqueArray(entry, { maxLength: 8, selector: keyOf });
  const statement = fc.array(entry, { maxLength: 8 });
  const sorted = (entries: readonly Movement[]): string[] =>
    entries.map((one) => JSON.stringify(one)).sort();
  fc.assert(
    fc.property(books, statement, fc.integer({ min: 1, max: 9 }), (ours, theirs, pageRows) => {
      const result = reconcile(ours, theirs, pageRows);
      const { matched, onlyOurs, onlyTheirs, amountsDiffer, agrees } = result;
      expect([
        matched + amountsDiffer.length + onlyOurs.length,
        matched + amountsDiffer.length + onlyTheirs.length,
      ]).toEqual([ours.length, theirs.length]);
      expect(agrees).toBe(sorted(ours).join() === sorted(theirs).join());
      const whole = reconcile(ours, theirs, 9);
      expect([matched, result.matchedFen, sorted(onlyTheirs)]).toEqual([
        whole.matched,
        whole.matchedFen,
        sorted(whole.onlyTheirs),
      ]);
    }),
  );
});

import fc from 'fast-check';
import { reconcile } from './reconcile';

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

test('every entry of either side is matched or listed, each exactly once', () => {
  const entries = fc.array(
    fc.record({
      kind: fc.constantFrom('capture' as const, 'refund' as const),
      id: fc.constantFrom('a', 'b', 'c', '__proto__'),
      amountFen: fc.nat(3),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(entries, entries, (ours, theirs) => {
      const { matched, onlyOurs, onlyTheirs, amountsDiffer, agrees } = reconcile(ours, theirs);
      expect([
        matched + amountsDiffer.length + onlyOurs.length,
        matched + amountsDiffer.length + onlyTheirs.length,
      ]).toEqual([ours.length, theirs.length]);
      expect(agrees).toBe(
        JSON.stringify([...ours].map((entry) => JSON.stringify(entry)).sort()) ===
          JSON.stringify([...theirs].map((entry) => JSON.stringify(entry)).sort()),
      );
    }),
  );
});

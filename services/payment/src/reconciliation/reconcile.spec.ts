import { reconcile } from './reconcile';

const capture = (id: string, amountFen: number) => ({ kind: 'capture' as const, id, amountFen });
const refund = (id: string, amountFen: number) => ({ kind: 'refund' as const, id, amountFen });

test('a day whose books agree is all matched', () => {
  const entries = [capture('o1', 500), refund('r1', 200)];
  expect(reconcile(entries, entries)).toEqual({ matched: 2, matchedFen: 300, onlyOurs: [], onlyTheirs: [], amountsDiffer: [], agrees: true });
});

test('what only one side has, and what differs, is listed', () => {
  const result = reconcile([capture('o1', 500), capture('o2', 100), capture('x', 7)], [capture('o1', 400), capture('o3', 9), refund('x', 7)]);
  expect(result).toEqual({
    matched: 0, matchedFen: 0, agrees: false,
    onlyOurs: [capture('o2', 100), capture('x', 7)], onlyTheirs: [capture('o3', 9), refund('x', 7)],
    amountsDiffer: [{ kind: 'capture', id: 'o1', oursFen: 500, theirsFen: 400 }],
  });
});

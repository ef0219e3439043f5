import { readStatement } from './statement';

const read = (...entries: unknown[]) => readStatement({ status: 200, body: { entries } });

test('a statement with a chargeback, a fee and a broken row is read, row by row', () => {
  expect(
    read(
      { kind: 'capture', orderId: 'o1', amountFen: 500, reference: 'r1' },
      { kind: 'refund', orderId: 'o1', refundId: 'f1', amountFen: 200 },
      { kind: 'chargeback', orderId: 'o1', amountFen: -500 },
      { kind: 'fee', reference: 'march', amountFen: 3 },
      { kind: 'capture', orderId: 'o2', amountFen: 1.5 },
      { kind: 'Gebühr', amountFen: 1 },
      null,
    ),
  ).toEqual([
    { kind: 'capture', id: 'o1', amountFen: 500 },
    { kind: 'refund', id: 'f1', amountFen: 200 },
    { kind: 'chargeback', id: 'o1', amountFen: -500 },
    { kind: 'fee', id: 'march', amountFen: 3 },
    { kind: 'unreadable', id: 'o2', amountFen: null },
    { kind: 'unreadable', id: 'row 6', amountFen: 1 },
    { kind: 'unreadable', id: 'row 7', amountFen: null },
  ]);
});

test.each([
  { status: 503, body: { entries: [] } },
  { status: 200, body: {} },
  { status: 200, body: undefined },
])('what is no list of rows is no statement (%j)', (answer) => {
  expect(readStatement(answer)).toBeUndefined();
});

import type { StatementPage } from './channel';
import { readStatement, statementPages } from './statement';

const read = (...entries: unknown[]) => readStatement({ status: 200, body: { entries } })?.entries;

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
  { status: 200, body: { entries: [], next: 7 } },
  { status: 200, body: { entries: [], next: 'x'.repeat(65) } },
])('what is no list of rows is no statement (%j)', (answer) => {
  expect(readStatement(answer)).toBeUndefined();
});

const pagesOf = (pages: Readonly<Record<string, StatementPage>>) => {
  const asked: string[] = [];
  const statement = async (_date: string, after = 'first') => {
    asked.push(after);
    return pages[after]!;
  };
  return { asked, pages: statementPages({ statement }, '2026-03-02') };
};
const row = (id: string) => ({ kind: 'capture', id, amountFen: 1 });

test('a statement is read page by page, each after the one before', async () => {
  const { asked, pages } = pagesOf({
    first: { entries: [row('o1')], next: 'a' },
    a: { entries: [row('o2')], next: 'b' },
    b: { entries: [row('o3')] },
  });
  const ids: string[] = [];
  for await (const entries of pages) ids.push(...entries.map(({ id }) => id));
  expect(ids).toEqual(['o1', 'o2', 'o3']);
  expect(asked).toEqual(['first', 'a', 'b']);
});

test('pages without an end are no statement', async () => {
  const { asked, pages } = pagesOf({
    first: { entries: [], next: 'a' },
    a: { entries: [], next: 'b' },
    b: { entries: [], next: 'a' },
  });
  const readAll = async () => {
    for await (const entries of pages) expect(entries).toEqual([]);
  };
  await expect(readAll()).rejects.toMatchObject({ code: 'CHANNEL_UNAVAILABLE' });
  expect(asked).toEqual(['first', 'a', 'b']);
});

test('rows of two pages that cannot be read have ids of their own', () => {
  const broken = { status: 200, body: { entries: [null] } };
  expect(readStatement(broken)?.entries[0]).toMatchObject({ id: 'row 1' });
  expect(readStatement(broken, 'a')?.entries[0]).toMatchObject({ id: 'row a/1' });
});

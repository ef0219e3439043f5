import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatYuan } from '@caretab/kernel';
import fc from 'fast-check';
import type { KeyDifference } from './key-totals';
import { compareFiles, type RowFile } from './row-files.adapter';

const folder = mkdtempSync(join(tmpdir(), 'caretab-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Row = readonly [key: string, amountFen: number];
let number = 0;
const textFile = (text: string): RowFile => {
  const path = join(folder, `rows-${(number += 1)}.csv`);
  writeFileSync(path, text);
  return { path, delimiter: ',', key: 'id', amount: 'yuan' };
};
const fileOf = (rows: readonly Row[]): RowFile =>
  textFile(
    ['day,id,yuan', ...rows.map(([key, fen]) => `d,${key},${formatYuan(fen)}`), ''].join('\n'),
  );
const compare = async (left: RowFile, right: RowFile) => {
  const found: KeyDifference[] = [];
  const compared = await compareFiles(left, right, (one) => void found.push(one));
  return { compared, found };
};

test('a difference of each kind is found, and one row may stand against several', async () => {
  const left = fileOf([
    ...([
      ['a', 100],
      ['b', 300],
      ['c', 50],
      ['c', 50],
      ['d', 7],
      ['e', 9],
    ] as const),
  ]);
  const right = fileOf([
    ...([
      ['a', 100],
      ['b', 100],
      ['b', 200],
      ['c', 100],
      ['e', 8],
      ['f', 5],
    ] as const),
  ]);
  const { compared, found } = await compare(left, right);
  expect(compared).toMatchObject({
    ...{ leftRows: 6, rightRows: 6, unreadable: 0, agrees: false, differenceFen: 3 },
    balanced: { '1:1': 1, '1:n': 1, 'n:1': 1, 'n:m': 0 },
    ...{ institutionMore: 1, centreMore: 1, differ: 1 },
  });
  expect(found.map(({ key, result }) => `${key} ${result}`).sort()).toEqual([
    ...['d institution-more', 'e differ', 'f centre-more'],
  ]);
});

test('whatever rows and order, what differs is what sums by key say', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: -9, max: 9 }))),
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: -9, max: 9 }))),
      async (left, right) => {
        const sumOf = (rows: readonly Row[], key: string): number | undefined =>
          rows.some(([one]) => one === key)
            ? rows.reduce((sum, [one, fen]) => sum + (one === key ? fen : 0), 0)
            : undefined;
        const expected = ['a', 'b', 'c', 'd'].filter(
          (key) => sumOf(left, key) !== sumOf(right, key),
        );
        const { compared, found } = await compare(fileOf(left), fileOf(right));
        expect(found.map(({ key }) => key).sort()).toEqual(expected);
        expect(compared.agrees).toBe(expected.length === 0);
      },
    ),
    { numRuns: 40 },
  ));

test('a row that cannot be read is counted and named, and nothing agrees', async () => {
  const text = 'day,id,yuan\r\nd,a,1.00\r\nd,b,1.005\r\nd,,1\r\nd,"c",1\r\nd,e\r\n\r\n';
  const { compared } = await compare(textFile(text), fileOf([['a', 100]]));
  expect(compared).toMatchObject({
    ...{ leftRows: 5, unreadable: 4, agrees: false, differ: 0, institutionMore: 0 },
    unreadableLines: { left: [3, 4, 5, 6], right: [] },
  });
});

test.each([
  ['without the column', 'day,number,yuan\n', 'no column id'],
  ['that is empty', '', 'it is empty'],
  ['with a line without end', `id,yuan\n${'a'.repeat(1 << 21)}`, 'too long'],
])('a file %s is refused', async (_what, text, why) => {
  await expect(compare(textFile(text), fileOf([]))).rejects.toMatchObject({
    ...{ code: 'REQUEST_INVALID', details: { why: expect.stringContaining(why) as string } },
  });
});

import { cardsOptionsOf } from './options';
import { isPlanted, rowOf } from './rows';

test('without options the file has a million rows', () =>
  expect(cardsOptionsOf([])).toEqual({ json: false, rows: 1_000_000 }));

test.each([[['--rows', '10']], [['--bus', 'kafka']]])('%j is not understood', (args) =>
  expect(() => cardsOptionsOf(args)).toThrow(expect.objectContaining({ exitCode: 2 })),
);

test.each([
  [20_000, 1_000],
  [1_000_000, 1_000],
  [2_000, 100],
])('of %d rows %d are wrong, and each is told from the right one', (rows, planted) => {
  let count = 0;
  for (let row = 1; row <= rows; row += 1) if (isPlanted(row, rows)) count += 1;
  expect(count).toBe(planted);
  const first = Array.from({ length: rows }, (_, at) => at + 1).find((row) =>
    isPlanted(row, rows),
  )!;
  expect(rowOf(first, rows)).not.toEqual(rowOf(first, rows * 3_000));
});

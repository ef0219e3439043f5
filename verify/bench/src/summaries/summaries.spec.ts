import { summariesOptionsOf } from './options';
import { faultsOf, questions } from './questions';

test('without options it adds up a hundred thousand visits', () =>
  expect(summariesOptionsOf([])).toEqual({ json: false, visits: 100_000, reads: 50 }));

test.each([[['--visits', '10']], [['--reads', '0']], [['--bus', 'kafka']]])(
  '%j is not understood',
  (args) =>
    expect(() => summariesOptionsOf(args)).toThrow(expect.objectContaining({ exitCode: 2 })),
);

test('an answer that is a fen short is a fault', () => {
  const credit = questions.find(({ service }) => service === 'credit')!;
  const right = credit.expected(1000);
  expect(faultsOf(credit, right, 1000)).toEqual([]);
  expect(faultsOf(credit, { ...right, lineFen: 99_999_999 }, 1000)).toEqual([
    '/credit/summary: lineFen is 99999999, not 100000000',
  ]);
  expect(faultsOf(credit, right, 1001)).not.toEqual([]);
});

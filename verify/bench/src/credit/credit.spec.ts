import { creditOptionsOf } from './options';
import { creditPageOf, ratesOf } from './report';

test('without options a load has four thousand visits', () =>
  expect(creditOptionsOf([])).toEqual({ json: false, visits: 4_000, profileDir: undefined }));

test.each([[['--visits', '10']], [['--persons', '3']], [['--profile']]])(
  '%j is not understood',
  (args) => expect(() => creditOptionsOf(args)).toThrow(expect.objectContaining({ exitCode: 2 })),
);

const cost = {
  ...{ cpuMs: 0, postgresMs: 0, statements: 0, busStatements: 0, commits: 0, rowsRead: 0 },
};
const hot = { what: 'one line', persons: 1, perSecond: 500, cost };
const cold = { what: 'a line each', persons: 4000, perSecond: 400, cost };

test('hot and cold lines stand beside the raw updates of each', () => {
  expect(ratesOf([hot, cold], { hot: 1000, cold: 4000 })).toMatchObject({
    ...{ value: 500, raw: 1000, ratioToRaw: 0.5 },
    ...{ valueOfCold: 400, rawOfCold: 4000, ratioToRawOfCold: 0.1 },
  });
});

test('a run whose lines do not add up is void on its page', () => {
  const of = (faults: readonly string[]) =>
    creditPageOf({
      ...{ bench: 'credit', ...ratesOf([hot, cold], { hot: 1000, cold: 4000 }), deadlocks: 0 },
      ...{ settings: { visits: 4000, cores: 2, loadAverage: '0.10' }, faults },
    });
  expect(of([])).toContain('✔ every visit');
  expect(of(['1 lines are exceeded'])).toContain('✗ VOID');
});

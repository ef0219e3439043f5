import { replicasOptionsOf } from './options';
import { replicasPageOf } from './report';

test('without options each number of processes is run in turn', () =>
  expect(replicasOptionsOf([])).toEqual({
    ...{ json: false, seconds: 10, perSecond: 1000, processes: [1, 2, 4] },
  }));

test.each([[['--processes', '3']], [['--seconds', '0']], [['--bus', 'kafka']]])(
  '%j is not understood',
  (args) => expect(() => replicasOptionsOf(args)).toThrow(expect.objectContaining({ exitCode: 2 })),
);

test('the page of one number of processes has no ratio to one', () => {
  const cost = { ledgersUs: 200, postgresUs: 90, statements: 0.06 };
  const page = replicasPageOf({
    ...{ bench: 'replicas', value: 900, raw: 9000, ratioToRaw: 0.1, ratioToOne: { 2: null } },
    runs: [
      {
        ...{ processes: 2, perSecond: 900, p50Ms: 20, p99Ms: 80 },
        ...{ atFullLoad: cost, atFixedRate: cost },
      },
    ],
    settings: { cores: 2, loadAverage: '1.0', perSecond: 100 },
    faults: [],
  });
  expect(page).toContain('–');
  expect(page).toContain('0.060');
});

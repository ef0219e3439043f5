import { flowOptionsOf } from './options';
import { costOf, type Snapshot, type Usage } from './usage';
import { CHARGES_PER_VISIT, CITIZENS_OF_RUN, flowVisit } from './visits';

const usage = (cpuMs: number, statements: number): Usage => ({
  cpuMs,
  statements,
  postgresMs: 0,
  busStatements: 0,
  commits: 0,
  rowsWritten: 0,
  rowsRead: 0,
});
const snapshot = (cpuMs: number, statements: number, busCommits: number): Snapshot => ({
  parts: new Map([['payment', usage(cpuMs, statements)]]),
  bus: { commits: busCommits, rowsWritten: 0, rowsRead: 0 },
  calls: new Map([['payment commit', busCommits]]),
  walKb: 0,
  forgotten: 0,
  benchCpuMs: 0,
});

test('without options it runs on the embedded bus for twenty steady seconds a load', () =>
  expect(flowOptionsOf([])).toEqual({
    bus: 'postgres',
    json: false,
    seconds: 20,
    warmUpSeconds: 60,
    profileDir: undefined,
    statements: false,
    visits: 50_000,
    window: 100,
  }));

test.each([[['--seconds', '1']], [['--bus', 'rabbit']], [['--speed']], [['--visits', '10']]])(
  '%j is not understood',
  (args) => expect(() => flowOptionsOf(args)).toThrow(expect.objectContaining({ exitCode: 2 })),
);

test('a visit costs what the counters moved, shared among the visits settled meanwhile', () => {
  const cost = costOf(snapshot(100, 50, 7), snapshot(300, 110, 27), 10);
  expect(cost.parts['payment']).toMatchObject({ cpuMs: 20, statements: 6 });
  expect(cost.bus.commits).toBe(2);
  expect(cost.statements).toEqual([['payment commit', 2]]);
});

test('every visit has ten charges that its hospital reports in order, before its end', () => {
  const nowMs = Date.parse('2026-03-02T04:00:00Z');
  const { reports, grossFen } = flowVisit(17, nowMs);
  const charges = reports.flatMap((report) => (report.kind === 'charges' ? report.charges : []));
  expect(charges).toHaveLength(CHARGES_PER_VISIT);
  expect(new Set(charges.map(({ chargeId }) => chargeId)).size).toBe(CHARGES_PER_VISIT);
  expect(charges.reduce((sum, { amountFen }) => sum + amountFen, 0)).toBe(grossFen);
  expect(reports.map(({ at }) => at)).toEqual(reports.map(({ at }) => at).sort());
  expect(reports.at(0)!.kind).toBe('start');
  expect(reports.at(-1)!.kind).toBe('end');
});

test('the citizens of a run are different people', () =>
  expect(new Set(CITIZENS_OF_RUN.map(({ idNumber }) => idNumber)).size).toBe(
    CITIZENS_OF_RUN.length,
  ));

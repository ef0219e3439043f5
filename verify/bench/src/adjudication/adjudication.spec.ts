import { read, visitLedgerVisits } from '@caretab/contracts';
import { onTheWire } from '../charges';
import { adjudicationOptionsOf } from './options';
import { resultOf } from './report';
import { type Crowd, LINES, visitClosed, visitOpened } from './visits';

interface Report {
  readonly visitId: string;
  readonly personId: string;
}

test('without options a load has eight thousand visits', () =>
  expect(adjudicationOptionsOf([])).toEqual({
    json: false,
    visits: 8_000,
    profileDir: undefined,
  }));

test.each([[['--visits', '10']], [['--persons', '3']], [['--profile']]])(
  '%j is not understood',
  (args) =>
    expect(() => adjudicationOptionsOf(args)).toThrow(expect.objectContaining({ exitCode: 2 })),
);

test('sixty persons come in no order, each visit is closed for the person that it was opened for', () => {
  const crowd: Crowd = { load: 'test', persons: 60 };
  const persons = Array.from({ length: 600 }, (_, number) => {
    const [opened, closed] = [visitOpened(crowd, number), visitClosed(crowd, number)].map(
      (one) => read(visitLedgerVisits, onTheWire(one)).data as Report,
    );
    const { visitId, personId } = opened!;
    expect(closed).toMatchObject({ visitId, personId, lines: { length: LINES } });
    return personId;
  });
  expect(new Set(persons).size).toBe(60);
  expect(persons.slice(0, 60)).not.toEqual(persons.slice(60, 120));
});

test('what is found is the claims of many persons beside the inserts of their rows', () => {
  const cost = {
    cpuMs: 0,
    postgresMs: 0,
    statements: 0,
    busStatements: 0,
    commits: 0,
    rowsRead: 0,
  };
  const loads = [
    { what: 'many', persons: 1000, perSecond: 500, cost },
    { what: 'few', persons: 60, perSecond: 400, cost },
  ];
  const raw = { insertedPerSecond: 2000, rulesPerSecond: 20_000 };
  expect(resultOf(loads, raw, ['many', 'few'])).toMatchObject({
    ...{ value: 500, valueOfFew: 400, raw: 2000, ratioToRaw: 0.25, rulesPerSecond: 20_000 },
  });
});

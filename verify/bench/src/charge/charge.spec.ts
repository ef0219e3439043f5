import { chargeOptionsOf } from './options';
import { type Used, usedEach } from './usage';

test('without options it runs on the embedded bus for fifteen seconds a load', () =>
  expect(chargeOptionsOf([])).toEqual({
    ...{ bus: 'postgres', json: false, seconds: 15, visits: 2000 },
    ...{ partitions: undefined, profileDir: undefined },
  }));

test.each([[['--seconds', '1']], [['--bus', 'rabbit']], [['--speed']]])(
  '%j is not understood',
  (args) => expect(() => chargeOptionsOf(args)).toThrow(expect.objectContaining({ exitCode: 2 })),
);

test('a charge costs what the counters moved, shared among those accepted meanwhile', () => {
  const used = (value: number): Used => ({
    ...{ gatewayMs: value, identityMs: 0, ledgerMs: value, gatewayPostgresMs: value },
    ...{ postgresMs: value, statements: 2 * value, commits: value },
  });
  expect(usedEach(used(100), used(350), 1000)).toMatchObject({
    ...{ gatewayMs: 0.25, identityMs: 0, statements: 0.5, commits: 0.25 },
  });
});

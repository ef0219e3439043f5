import { Usage } from '@caretab/command-line';
import { KINDS } from './faults';
import { optionsOf } from './options';

const read = (...args: string[]) => optionsOf(args, '/repository', 1_234_567_890);

test('without options there are five minutes of everything, with a seed from the time', () => {
  expect(read()).toEqual({
    durationMs: 300_000,
    seed: 567_891,
    port: 18_200,
    dataDir: '/repository/data/chaos',
    json: false,
    kinds: KINDS,
    ratePerSecond: 40,
  });
});

test('minutes may have decimals, and the seed is taken as it is', () => {
  expect(read('--minutes', '0.8', '--seed', '7', '--json')).toMatchObject({
    durationMs: 48_000,
    seed: 7,
    json: true,
  });
});

test('faults are a subset, in the order of the list, however they were named', () => {
  expect(read('--faults', 'kafka-kill,service-kill', '--faults', 'postgres-kill').kinds).toEqual([
    'service-kill',
    'postgres-kill',
    'kafka-kill',
  ]);
});

test.each([
  ['--minutes', '0'],
  ['--minutes', 'soon'],
  ['--seed', '1.5'],
  ['--faults', 'flood'],
  ['--rate', '0'],
  ['--port', '99999'],
])('%s %s is refused with what to write instead', (...args) => {
  expect(() => read(...args)).toThrow(Usage);
  expect(() => read(...args)).toThrow(args[0]);
});

test('help names every kind', () => {
  for (const kind of KINDS) expect(() => read('--help')).toThrow(kind);
});

import { Usage } from '@caretab/command-line';
import { optionsOf } from './options';

test('without options both loads are run on the embedded bus', () => {
  expect(optionsOf(['ingest'])).toEqual({
    bus: 'postgres',
    json: false,
    seconds: 15,
    visits: undefined,
    shapes: ['spread', 'hot'],
    partitions: undefined,
    window: 2000,
    together: 2,
    traced: false,
    profileDir: undefined,
  });
});

test('options are read', () => {
  expect(
    optionsOf([
      'ingest',
      '--bus',
      'kafka',
      '--json',
      '--seconds',
      '30',
      '--visits',
      '500',
      '--shape',
      'hot',
      '--partitions',
      '4',
      '--traced',
    ]),
  ).toMatchObject({
    bus: 'kafka',
    json: true,
    seconds: 30,
    visits: 500,
    shapes: ['hot'],
    partitions: 4,
    traced: true,
  });
});

test.each([
  [[]],
  [['egress']],
  [['ingest', '--fast']],
  [['ingest', '--seconds']],
  [['ingest', '--seconds', '0']],
  [['ingest', '--bus', 'rabbit']],
  [['ingest', '--shape', 'round']],
])('%j is refused with the usage', (args) => {
  expect(() => optionsOf(args)).toThrow(Usage);
  expect(() => optionsOf(args)).toThrow('--bus postgres|kafka');
});

test('help is no failure', () => {
  expect(() => optionsOf(['ingest', '--help'])).toThrow(expect.objectContaining({ exitCode: 0 }));
});

test('asking for help explains the benchmarks and begins none of them', () => {
  for (const args of [['--help'], ['-h'], ['ingest', '--help']])
    expect(() => optionsOf(args)).toThrow(expect.objectContaining({ exitCode: 0 }));
});

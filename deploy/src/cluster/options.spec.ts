import { Usage } from '@caretab/command-line';
import { optionsOf } from './options';

const said = (args: readonly string[]): { code: number; line: string } => {
  try {
    optionsOf(args, '/repo');
  } catch (error) {
    expect(error).toBeInstanceOf(Usage);
    return { code: (error as Usage).exitCode, line: (error as Usage).message.split('\n')[0]! };
  }
  throw new Error('was understood');
};

test('without options: the whole day, beside the embedded data', () => {
  expect(optionsOf([], '/repo')).toMatchObject({
    fresh: false,
    exit: false,
    idle: false,
    port: 8080,
    mllpPort: 2575,
    dataDir: '/repo/data/cluster',
    samplesDir: '/repo/samples',
    only: undefined,
  });
});

test('--replicas may be given several times, or as a list', () => {
  const { replicas } = optionsOf(
    ['--replicas', 'visit-ledger=2,credit=3', '--replicas', 'gateway=2'],
    '/repo',
  );
  expect([...replicas]).toEqual([
    ['visit-ledger', 2],
    ['credit', 3],
    ['gateway', 2],
  ]);
});

test('--service takes a service, or one of its replicas', () => {
  expect(optionsOf(['--service', 'visit-ledger-2'], '/repo').only).toBe('visit-ledger-2');
  expect(said(['--service', 'billing']).line).toMatch(
    /there is no service billing; there are identity, credit/,
  );
});

test.each([
  ['no service', 'billing=2', /there is no service billing/],
  ['no number', 'credit', /--replicas credit=2/],
  ['none at all', 'credit=0', /--replicas credit=2/],
  [
    'more than there are partitions',
    'credit=5',
    /credit may have 4 at most, one for each partition of a topic/,
  ],
])('--replicas refuses %s, and says why', (_, value, why) => {
  expect(said(['--replicas', value])).toEqual({ code: 2, line: expect.stringMatching(why) });
});

test('--help ends well', () => {
  expect(said(['--help']).code).toBe(0);
});

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Launcher } from '../launcher';
import { removeFolder, temporaryFolder } from '../platform';

let folder: string;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => removeFolder(folder));

/** Runs the launcher to its end, and gives its exit code and what it said. */
const runs = async (
  ...options: string[]
): Promise<{ code: number | null; lines: readonly string[]; text: string }> => {
  const launcher = new Launcher(options, {}, 'cluster');
  const code = await launcher.ended;
  return { code, lines: launcher.output.trim().split('\n'), text: launcher.output };
};

test('--help tells every option and ends well', async () => {
  const { code, text } = await runs('--help');
  expect(code).toBe(0);
  for (const option of [
    '--fresh',
    '--exit',
    '--idle',
    '--replicas',
    '--service',
    '--port',
    '--mllp-port',
    '--data',
    '--samples',
    'KAFKA_BROKERS',
    'EVENTSTORE_URL',
  ])
    expect(text).toContain(option);
});

test.each([
  [['--replicas', 'billing=2'], 'there is no service billing'],
  [['--replicas', 'credit=9'], 'credit may have 4 at most, one for each'],
  [['--service', 'billing'], 'there is no service billing'],
])('%j is told in the first line, with status 2', async (options, said) => {
  const { code, lines } = await runs(...options);
  expect(code).toBe(2);
  expect(lines[0]).toContain(said);
});

test('--service without a cluster is told in one line with what to do', async () => {
  const { code, lines } = await runs('--service', 'credit', '--data', join(folder, 'data'));
  expect(code).toBe(1);
  expect(lines).toEqual([
    expect.stringMatching(/^✗ No cluster runs on .*start one with npm run start:cluster/),
  ]);
});

test('--fresh deletes no folder that is not ours', async () => {
  const mine = join(folder, 'data');
  mkdirSync(mine);
  writeFileSync(join(mine, 'thesis.txt'), 'years of work');
  const { code, lines } = await runs('--idle', '--fresh', '--data', mine);
  expect(code).toBe(1);
  expect(lines).toEqual([expect.stringContaining('is not a CareTab data folder')]);
  expect(readdirSync(mine)).toEqual(['thesis.txt']);
});

test('a data folder stays with the Kafka it was played with', async () => {
  const data = join(folder, 'data');
  mkdirSync(data);
  writeFileSync(
    join(data, 'engines.json'),
    JSON.stringify({
      kafka: 'kafka.example:9092',
      eventStore: 'PostgreSQL',
      eventStoreNamespace: 'caretab_0',
    }),
  );
  const { code, lines } = await runs('--idle', '--data', data);
  expect(code).toBe(1);
  expect(lines).toEqual([
    expect.stringMatching(
      /^✗ The data folder .* was created with KAFKA_BROKERS kafka\.example:9092, and this start has its own: /,
    ),
  ]);
  expect(existsSync(join(data, 'postgres'))).toBe(false);
});

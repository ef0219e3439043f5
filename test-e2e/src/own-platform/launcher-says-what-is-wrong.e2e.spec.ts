import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Launcher } from '../launcher';
import { removeFolder, temporaryFolder } from '../platform';
import { freePorts } from '../ports';

let folder: string;
let blocker: Server | undefined;

beforeEach(() => void (folder = temporaryFolder()));
afterEach(async () => {
  await new Promise<void>((closed) => (blocker ? blocker.close(() => closed()) : closed()));
  blocker = undefined;
  await removeFolder(folder);
});

const take = (port: number): Promise<void> =>
  new Promise(
    (taken) => void (blocker = createServer().listen({ host: '127.0.0.1', port }, taken)),
  );

/** Runs the launcher to its end, and gives its exit code and what it said, without its log. */
const runs = async (
  ...options: string[]
): Promise<{ code: number | null; lines: readonly string[]; text: string }> => {
  const launcher = new Launcher(options);
  const code = await launcher.ended;
  const lines = launcher.output
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('{'));
  return { code, lines, text: lines.join('\n') };
};

test('--help tells every option and ends well', async () => {
  const { code, text } = await runs('--help');
  expect(code).toBe(0);
  for (const option of [
    '--fresh',
    '--exit',
    '--idle',
    '--port',
    '--mllp-port',
    '--data',
    '--samples',
  ])
    expect(text).toContain(option);
});

test.each([
  [['--frehs'], 'There is no option --frehs.'],
  [['--port'], '--port needs a value.'],
  [['--port', 'eighty'], '--port takes a port'],
])('%j is told in the first line, with status 2', async (options, said) => {
  const { code, lines } = await runs(...options);
  expect(code).toBe(2);
  expect(lines[0]).toContain(said);
});

test('a taken HTTP port is told in one line with what to do, and nothing is left running', async () => {
  const { port, mllpPort } = await freePorts();
  await take(port);
  const { code, lines } = await runs(
    '--idle',
    '--data',
    join(folder, 'data'),
    '--port',
    String(port),
    '--mllp-port',
    String(mllpPort),
  );
  expect(code).toBe(1);
  expect(lines.filter((line) => line.startsWith('✗'))).toEqual([
    expect.stringMatching(new RegExp(`Port ${port} is taken.*--port`)),
  ]);
  expect(existsSync(join(folder, 'data/postgres/cluster/postmaster.pid'))).toBe(false);
});

test('a taken MLLP port is told in one line with what to do', async () => {
  const { port, mllpPort } = await freePorts();
  await take(mllpPort);
  const { code, lines } = await runs(
    '--idle',
    '--data',
    join(folder, 'data'),
    '--port',
    String(port),
    '--mllp-port',
    String(mllpPort),
  );
  expect(code).toBe(1);
  expect(lines.filter((line) => line.startsWith('✗'))).toEqual([
    expect.stringMatching(new RegExp(`${mllpPort}.*--mllp-port`)),
  ]);
  expect(existsSync(join(folder, 'data/postgres/cluster/postmaster.pid'))).toBe(false);
});

test('--fresh deletes no folder that is not ours', async () => {
  const mine = join(folder, 'data');
  mkdirSync(mine);
  writeFileSync(join(mine, 'thesis.txt'), 'years of work');
  const { port, mllpPort } = await freePorts();
  const { code, lines } = await runs(
    '--idle',
    '--fresh',
    '--data',
    mine,
    '--port',
    String(port),
    '--mllp-port',
    String(mllpPort),
  );
  expect(code).toBe(1);
  expect(lines).toEqual([expect.stringContaining('is not a CareTab data folder')]);
  expect(readdirSync(mine)).toEqual(['thesis.txt']);
});

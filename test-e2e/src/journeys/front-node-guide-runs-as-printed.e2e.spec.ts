import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf, eventually } from '@caretab/hospital';
import { caretabOn } from '../caretab';
import type { Citizen } from '../citizen';
import { commandsOf, curled, guide, valueOf } from '../guide';
import type { Hospital } from '../hospital';
import { ROOT } from '../launcher';
import { freePorts } from '../ports';
import { World } from '../world';

const world = new World('front-node-guide-runs-as-printed');
const text = guide('front-node.zh-en.md');
const commands = commandsOf(text).map((command) => command.text);
const folder = mkdtempSync(join(tmpdir(), 'caretab-front-node-guide-'));
const printed = (start: string): string[] => commands.filter((one) => one.startsWith(start));
let hospital: Hospital;
let port: number;
let child: ChildProcess | undefined;

/** What a reader changes: whose node it is, where the platform is, and where the node listens. */
const own = (command: string): string => {
  const { url, host, mllpPort } = world.address;
  return command
    .replaceAll('HZ001', hospital.institutionId)
    .replaceAll('https://caretab.example.cn', url)
    .replaceAll('caretab.example.cn:2575', `${host}:${mllpPort}`)
    .replaceAll('http://127.0.0.1:8095', `http://127.0.0.1:${port}`)
    .replaceAll('./tls', folder);
};
const SECRETS: Readonly<Record<string, () => string>> = {
  FRONT_NODE_KEY: () => 'the key that systems of the hospital send',
  FRONT_NODE_INSTITUTION_KEY: () => hospital.key,
  FRONT_NODE_DATA_KEY: () => 'ab'.repeat(32),
};
const shell: Record<string, string> = {};

const ends = async (): Promise<void> => {
  if (!child) return;
  process.kill(-child.pid!, 'SIGTERM');
  await once(child, 'close');
  child = undefined;
};
/** Starts it as printed, beside what else runs on this machine; what it says once it is up. */
const starts = async (command: string): Promise<string> => {
  const [data, hl7Port] = [mkdtempSync(join(folder, 'data-')), port + 1];
  const more = command.includes('--hl7-platform') ? ` --hl7-port ${hl7Port}` : '';
  const script = `exec ${own(command)} --port ${port} --data ${data}${more}`;
  child = spawn('bash', ['-c', script], {
    ...{ cwd: ROOT, env: { ...process.env, ...shell }, detached: true },
  });
  let said = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (part: Buffer) => (said += part.toString('utf8')));
  await eventually(() => expect(said).toContain('front node of'), 60_000);
  return said;
};

beforeAll(async () => {
  hospital = await world.hospital({ door: 'http', presenceReaders: ['code'] });
  ({ port } = await freePorts(2));
  for (const name of ['ca.pem', 'cert.pem', 'key.pem']) writeFileSync(join(folder, name), '');
});
afterEach(ends);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shownBy = async ({ personId }: Citizen): Promise<string> => {
  const path = '/identity/subjects/e2e-front-node-guide';
  await world.api.doneByTwo('PUT', path, { roles: [{ kind: 'Citizen', person: personId }] });
  const { password, totpUri } = await world.api.doneByTwo('POST', `${path}/sign-in`);
  const { access_token } = await world.api.done('POST', '/identity/token', {
    ...{ grant_type: 'password', username: 'e2e-front-node-guide', password },
    otp: codeOf(totpUri),
  });
  const headers = { authorization: `Bearer ${access_token}` };
  const codes = `/identity/persons/${personId}/codes`;
  return (await world.api.askAs(headers, 'POST', codes, { kind: 'dynamic' })).body.code;
};

test('a node is started as the guide says, and reads a code by the printed request', async () => {
  for (const command of printed('export ')) {
    const [, name = ''] = /^export ([A-Z_]+)=…$/.exec(command) ?? [];
    shell[name] = valueOf(`${name}='${SECRETS[name]!()}'`, name, {});
  }
  expect(Object.keys(shell)).toEqual(Object.keys(SECRETS));
  const [start, withHl7, ...others] = printed('npm run caretab -- front-node');
  expect(others).toEqual([]);
  expect(await starts(start!)).toContain('platform reachable');
  const [read, ...more] = printed('curl ');
  expect(more).toEqual([]);
  const citizen = await world.citizen();
  const code = await shownBy(citizen);
  const asked = own(read!).replace('…', code);
  const env = { KEY: shell['FRONT_NODE_KEY']! };
  const { personId } = citizen;
  const answer = { status: 200, body: { verified: true, offline: false, personId } };
  expect(curled(asked, env)).toMatchObject(answer);
  expect(curled(asked, env)).toMatchObject(answer);
  expect(curled(asked.replace('V0001', 'V0002'), env).body).toMatchObject({ code: 'CODE_USED' });
  await ends();
  expect(await starts(withHl7!)).toContain(`front node of ${hospital.institutionId}`);
}, 300_000);

test('each option and each variable of the guide is the program’s', () => {
  const { out: help } = caretabOn(world)('front-node', '--help');
  const options = new Set(
    [...text.matchAll(/(?<![\w-])(--[a-z][a-z0-9-]*)/g)].map(([, option]) => option!),
  );
  options.delete('--help');
  expect(options.size).toBeGreaterThan(5);
  for (const option of options) expect(help).toContain(option);
});

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@caretab/contracts';
import { gateway } from '@caretab/gateway';
import { identity } from '@caretab/identity';
import { PgBus } from '@caretab/messaging';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@caretab/postgres';
import { type RunningServices, startServices } from '@caretab/service';
import { visitLedger } from '@caretab/visit-ledger';
import { Client } from 'pg';
import { type SmallDisk, smallDisk } from './small-disk.suite';

const BEFORE = 20;
/** Charges are sent until one is refused; the space that tables and log have already is used up by fewer. */
const SENT_MAX = 600;
const REFUSED = 10;
const ANSWER_WITHIN_MS = 20_000;
const RECOVERS_WITHIN_MS = 60_000;
const RECOVERS_BY_ITSELF_MS = 10_000;
const AT = '2026-03-02T09:00:00+08:00';

const folder = mkdtempSync(join(tmpdir(), 'caretab-full-disk-'));
// Whoever runs the server must be able to enter, or its files would lie elsewhere.
chmodSync(folder, 0o755);
const dataDir = join(folder, 'postgres');
const disk: SmallDisk | undefined = smallDisk(dataDir);
let postgres: EmbeddedPostgres;
let bus: PgBus;
let running: RunningServices;
let apiKey = '';

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

interface Answer {
  readonly status: number;
  readonly body: any;
}

const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
  const response = await fetch(`${running.url}${path}`, { method, headers: { 'content-type': 'application/json', ...headers }, signal: AbortSignal.timeout(ANSWER_WITHIN_MS), ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
};
const post = (path: string, key: string, body: unknown): Promise<Answer> => ask('POST', path, body, { authorization: `Bearer ${apiKey}`, 'idempotency-key': key });
const chargeIdOf = (number: number): string => `T${String(number).padStart(4, '0')}`;
const charge = (number: number): Promise<Answer> =>
  post('/v1/visits/V0001/charges', `charge-${chargeIdOf(number)}`, { charges: [{ chargeId: chargeIdOf(number), itemCode: '110200001', quantity: '1', unitPriceYuan: '10.00', amountFen: 1000, occurredAt: AT }] });

const until = async (condition: () => Promise<boolean>, withinMs = RECOVERS_WITHIN_MS): Promise<void> => {
  for (const giveUpAt = performance.now() + withinMs; !(await condition().catch(() => false)); await sleep(100)) if (performance.now() > giveUpAt) throw new Error('what the test waits for did not come');
};
const answers = async (): Promise<boolean> => {
  const client = new Client({ connectionString: postgres.url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  return client.connect().then(() => client.query('select 1')).then(() => true, () => false).finally(() => void client.end().catch(() => undefined));
};

beforeAll(async () => {
  if (!disk) return;
  const [httpPort, databasePort] = [await freePort(), await freePort()];
  postgres = await startEmbeddedPostgres({ dataDir, port: databasePort });
  bus = new PgBus({ url: postgres.url });
  const url = `http://127.0.0.1:${httpPort}`;
  running = await startServices({
    services: [identity, visitLedger, gateway], topics: topics.map((topic) => ({ ...topic, partitions: 2 })), bus, databaseUrl: () => postgres.url,
    env: {
      HTTP_PORT: String(httpPort), GATEWAY_MLLP_PORT: '0', IDENTITY_URL: url, VISIT_LEDGER_URL: url, LOG_LEVEL: 'silent', INTERNAL_TOKEN: 'a-token-for-tests-only',
      IDENTITY_MASTER_KEY: 'ab'.repeat(32), GATEWAY_SEALING_KEY: Buffer.alloc(32, 7).toString('base64'),
    },
  });
}, 120_000);
afterAll(async () => {
  await running?.stop();
  await bus?.close();
  await postgres?.stop();
  disk?.remove();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const idle = async (): Promise<boolean> => {
  for (const service of ['gateway', 'visit-ledger']) if (Object.values((await ask('GET', `/${service}/backlog`)).body as Record<string, number>).some((left) => left > 0)) return false;
  return true;
};
const onTheLedger = async (): Promise<string[]> => {
  const { events } = (await ask('GET', '/v1/visits/HZ001-V0001/history')).body as { events: { type: string; data: { charge?: { chargeId: string } } }[] };
  return events.filter(({ type }) => type === 'ChargeWaiting').map(({ data }) => data.charge!.chargeId).sort();
};

test('a full disk: nothing is acknowledged that is lost, and once there is space again everything goes on by itself', async () => {
  if (!disk) return void process.stderr.write('Not tried: a full disk. This system has neither mounts for this user nor prlimit.\n');
  const registered = await ask('PUT', '/identity/institutions/HZ001', { name: 'Hospital HZ001', level: 'level-3' });
  apiKey = registered.body.apiKey as string;
  const person = await ask('POST', '/identity/persons', { name: '欧阳晚晴', idNumber: '110101198503074612', mobile: '13800138000', email: 'a@mail.example' });
  expect([registered.status, person.status]).toEqual([201, 201]);
  expect(await post('/v1/visits', 'opening-V0001', { visitNumber: 'V0001', visitClass: 'outpatient', personId: person.body.personId, startedAt: AT })).toMatchObject({ status: 202 });
  const acknowledged: number[] = [];
  for (let number = 0; number < BEFORE; number += 1) if ((await charge(number)).status < 300) acknowledged.push(number);
  expect(acknowledged).toHaveLength(BEFORE);

  disk.fill();
  const refusals: Answer[] = [];
  let sent = BEFORE;
  for (; sent < SENT_MAX && refusals.length < REFUSED; sent += 1) {
    const answer = await charge(sent).catch((error: Error): Answer => ({ status: 599, body: { code: error.name } }));
    if (answer.status < 300) acknowledged.push(sent);
    else refusals.push(answer);
  }
  // Refused as trouble of ours, which tells the sender to send again.
  expect(refusals.length).toBeGreaterThanOrEqual(REFUSED);
  for (const { status, body } of refusals) expect({ status, code: body.code }).toEqual({ status: expect.any(Number) as number, code: expect.stringMatching(/^[A-Z_]+$/) as string });
  expect(refusals.filter(({ status }) => status !== 500 && status !== 503)).toEqual([]);

  disk.free();
  // A server that could not write its log has ended, or is recovering by itself; in the first case it is the operator's to start.
  await sleep(500);
  if (!(await until(answers, RECOVERS_BY_ITSELF_MS).then(() => true, () => false))) {
    await postgres.stop();
    postgres = await startEmbeddedPostgres({ dataDir, port: Number(new URL(postgres.url).port) });
  }
  const all = Array.from({ length: sent }, (_, number) => number);
  const again = async (numbers: readonly number[]): Promise<void> => {
    for (const number of numbers) await until(async () => (await charge(number)).status < 300);
  };
  // First what was refused, as its sender would: what was acknowledged has to be there without being sent again.
  await again(all.filter((number) => !acknowledged.includes(number)));
  await until(idle);
  expect(await onTheLedger()).toEqual(all.map(chargeIdOf));
  await again(all);
  await until(idle);
  expect(await onTheLedger()).toEqual(all.map(chargeIdOf));
  expect((await ask('GET', '/health')).body).toMatchObject({ status: 'up' });
}, 180_000);

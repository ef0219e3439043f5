import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { Cluster } from '../cluster';
import type { Citizen } from '../citizen';
import { eventually } from '@caretab/hospital';
import type { Hospital } from '../hospital';
import { ROOT } from '../launcher';
import { World } from '../world';

const DAY = '2026-03-03';
const brokers = process.env['KAFKA_BROKERS'] ?? '';
const folder = mkdtempSync(join(tmpdir(), 'caretab-partners-'));
const book = join(folder, 'book.json');
const key = join(folder, 'producer.pem');
/** Of this run alone, because the broker may be shared and keep what earlier runs sent. */
const group = `city-resident.settlements.${Date.now()}`;

let cluster: Cluster;
let world: World;
let hospital: Hospital;
let citizen: Citizen;

beforeAll(async () => {
  cluster = await Cluster.start();
  world = new World(`partners-${Date.now()}`, cluster.address);
  hospital = await world.hospital();
  citizen = await world.citizen({ insurance: 'resident' });
});
afterAll(async () => {
  await cluster?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs an example as a partner would; gives its exit status and what it printed. */
const example = (name: string, ...args: string[]): Promise<{ status: number; said: string }> =>
  new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
    execFile(
      process.execPath,
      [join(ROOT, 'contracts/examples', `${name}.mjs`), ...args],
      { cwd: ROOT, env, timeout: 120_000 },
      (error, stdout, stderr) =>
        resolve({ status: Number(error?.code ?? 0), said: `${stdout}${stderr}` }),
    );
  });

const visit = 'V0001';
const produced = () =>
  example(
    'hospital-producer',
    '--brokers',
    brokers,
    '--institution',
    hospital.institutionId,
    '--visit',
    visit,
    '--person',
    citizen.personId,
    '--day',
    DAY,
    '--key',
    key,
  );
const consumed = () =>
  example(
    'insurer-consumer',
    '--brokers',
    brokers,
    '--payer',
    'city-resident',
    '--book',
    book,
    '--group',
    group,
    '--idle',
    '3',
  );
const visitId = (): string => `${hospital.institutionId}-${visit}`;
/** What the insurer booked of this visit; the broker may hold postings of others. */
const bookedOf = (said: string): string[] =>
  said.split('\n').filter((line) => line.startsWith('booked ') && line.includes(` ${visitId()} `));

test('a hospital’s producer has a visit decided and paid, and the insurer’s consumer books its part', async () => {
  const { said: made } = await produced();
  await world.believes(JSON.parse(made));
  const credential = { type: 'id-number', value: citizen.idNumber };
  expect((await hospital.posts('/v1/persons/resolve', credential)).status).toBe(200);
  const sent = await produced();
  expect(sent).toMatchObject({
    status: 0,
    said: expect.stringContaining(
      `sent VisitEnded ${hospital.institutionId}/${visit}/ended (key ${visitId()})`,
    ),
  });
  const settled = await world.becomes(visitId(), {
    status: 'settled',
    chargesDeferred: 2,
    chargesNotDeferred: 0,
    grossFen: 49_000,
  });
  const payerFen = settled.grossFen - settled.patientDueFen;
  expect(payerFen).toBeGreaterThan(0);

  const { status, said } = await consumed();
  expect({ status, refused: said.match(/^refused .*$/gm) }).toEqual({ status: 0, refused: null });
  expect(bookedOf(said)).toEqual([
    expect.stringContaining(`${visitId()} revision 1: ${payerFen} fen on ${DAY}`),
  ]);
  expect(JSON.parse(readFileSync(book, 'utf8')).days[DAY]).toBeGreaterThanOrEqual(payerFen);
});

test('sent again, nothing changes; consumed again from the start, every posting is recognised', async () => {
  const before = readFileSync(book, 'utf8');
  const facts = (await world.historyOf(visitId())).length;
  expect((await produced()).status).toBe(0);
  await world.quiet();
  expect(await world.historyOf(visitId())).toHaveLength(facts);
  const went = await consumed();
  expect(bookedOf(went.said)).toEqual([]);
  const again = await example(
    'insurer-consumer',
    '--brokers',
    brokers,
    '--payer',
    'city-resident',
    '--book',
    book,
    '--group',
    `${group}.again`,
    '--idle',
    '3',
  );
  expect(again.said).toContain('booked already');
  expect(bookedOf(again.said)).toEqual([]);
  expect(readFileSync(book, 'utf8')).toBe(before);
});

test('what no author wrote is parked by the platform and refused by the insurer, and blocks nobody', async () => {
  const producer = new Kafka({
    clientId: 'careless',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
  }).producer();
  await producer.connect();
  const headersOf = (type: string) => ({
    ce_specversion: '1.0',
    ce_id: `careless-${group}`,
    ce_type: type,
    ce_source: 'careless',
    ce_time: '2026-03-03T01:00:00Z',
    'content-type': 'application/json',
  });
  await producer.send({
    topic: 'hospital.visit-events',
    messages: [
      { key: visitId(), headers: headersOf('ChargePosted'), value: '{"visitId":"nonsense"}' },
    ],
  });
  await producer.send({
    topic: 'insurer.city-resident.settlements',
    messages: [
      { key: 'nonsense', headers: headersOf('SettlementPosted'), value: '{"postedFen":"much"}' },
    ],
  });
  await producer.disconnect();
  await eventually(async () =>
    expect((await world.api.get<Record<string, any>>('/visit-ledger/parked')).messages).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'AUTHOR_FORBIDDEN' })]),
    ),
  );
  const { said } = await consumed();
  expect(said).toContain(`refused careless-${group}: /`);
});

test('a mistake is told in a line', async () => {
  expect(
    await example(
      'hospital-producer',
      '--brokers',
      brokers,
      '--institution',
      hospital.institutionId,
    ),
  ).toMatchObject({
    status: 2,
    said: expect.stringContaining('--visit, --person, --key missing.'),
  });
  expect(
    await example(
      'hospital-producer',
      '--brokers',
      brokers,
      '--institution',
      'lower',
      '--visit',
      '1',
      '--person',
      citizen.personId,
      '--key',
      join(folder, 'never-made.pem'),
    ),
  ).toMatchObject({
    status: 1,
    said: expect.stringMatching(/^✗ VisitStarted breaks the contract: \/visitId must match/),
  });
});

import { type CrashableDatabase, crashableDatabase } from '@caretab/doubles';
import { eventually } from '@caretab/hospital';
import { Client } from 'pg';
import { PgBus } from './pg-bus';

const TOPIC = 'test.visits';
const GROUP = 'credit.hold';
const WAIT_MAX_MS = 20_000;
const KEYS = Array.from({ length: 12 }, (_, index) => `visit-${index}`);

let database: CrashableDatabase;
let bus: PgBus;
const received: string[] = [];

beforeAll(async () => {
  database = await crashableDatabase();
  bus = new PgBus({ url: database.url, sessionMs: 60_000, heartbeatMs: 200, pollMs: 200 });
  await bus.declare([{ name: TOPIC, partitions: 4, retentionMs: 60_000 }]);
  for (let member = 0; member < 2; member += 1)
    await bus.consume(
      { group: GROUP, topics: [TOPIC] },
      async ({ messages }) => void received.push(...messages.map(({ value }) => value)),
    );
}, 60_000);
afterAll(async () => {
  await bus.close();
  await database.drop();
});

const sendAll = (round: number): Promise<void> =>
  bus.send(
    TOPIC,
    KEYS.map((key) => ({ key, value: `${key} ${round}`, headers: {} })),
  );
const all = (rounds: number): string[] =>
  KEYS.flatMap((key) => Array.from({ length: rounds }, (_, round) => `${key} ${round}`)).sort();
const isHandled = (rounds: number): Promise<void> =>
  eventually(async () => {
    expect([...new Set(received)].sort()).toEqual(all(rounds));
    expect(await bus.lag(GROUP, [TOPIC])).toBe(0);
  }, WAIT_MAX_MS);

test('a crash loses no message, and offsets that it took back are committed again', async () => {
  await sendAll(0);
  await isHandled(1);
  await database.crash();
  // No message comes meanwhile: members compare with each heartbeat.
  await isHandled(1);
  await sendAll(1);
  await isHandled(2);
}, 120_000);

test('a partition that is given to a member without its knowledge is given back, and worked', async () => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `update bus.offsets o set generation = generation + 1, owner = (
      select member_id from bus.members m where m.group_name = o.group_name and
      m.member_id <> o.owner limit 1)`,
  );
  await client.end();
  await sendAll(2);
  await isHandled(3);
}, 60_000);

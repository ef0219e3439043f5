import { setTimeout as sleep } from 'node:timers/promises';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TWIN_KEYS } from '@caretab/event-store';
import { Client } from 'pg';
import { PgEventStore } from './pg-event-store';

const STREAMS = Array.from({ length: 100 }, (_, at) => `visit-${at}`);

let database: TestDatabase;
const open = (): PgEventStore =>
  new PgEventStore({ keys: TWIN_KEYS, url: database.url, schema: 'ledger' });

beforeAll(async () => {
  database = await testDatabase();
  const store = open();
  await store.migrate();
  const charge = { id: 'a', type: 'ChargeDeferred', data: {} };
  await Promise.all(STREAMS.map((stream) => store.append(stream, [charge], 'none')));
  await store.close();
});
afterAll(() => database.drop());

/** Statements so far, each a transaction of its own; a session reports what it did once it ends. */
const statements = async (): Promise<number> => {
  await sleep(300);
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ count: number }>(
    'select xact_commit::int as count from pg_stat_database where datname = current_database()',
  );
  await client.end();
  return rows[0]!.count;
};

test('a hundred streams that are read at once are one statement', async () => {
  const before = await statements();
  const store = open();
  const read = await Promise.all(STREAMS.map((stream) => store.readStream(stream)));
  expect(read.map((events) => events.map(({ stream }) => stream))).toEqual(
    STREAMS.map((stream) => [stream]),
  );
  await store.close();
  // Some are of the connections themselves.
  expect((await statements()) - before).toBeLessThanOrEqual(5);
});

test('a name that no stream can have is refused alone', async () => {
  const store = open();
  const [odd, fine] = await Promise.allSettled([
    store.readStream('visit-\0'),
    store.readStream('visit-1'),
  ]);
  expect(odd.status).toBe('rejected');
  expect(fine).toMatchObject({ status: 'fulfilled', value: [{ stream: 'visit-1' }] });
  await store.close();
});

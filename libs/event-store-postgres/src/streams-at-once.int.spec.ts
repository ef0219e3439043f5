import { countedWork, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TWIN_KEYS } from '@caretab/event-store';
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

test('a hundred streams that are read at once are one statement', async () => {
  const { statements } = await countedWork({
    url: database.url,
    open: async (url) => new PgEventStore({ keys: TWIN_KEYS, url, schema: 'ledger' }),
    // A session that is open: of a new one the settings are read first.
    given: async (store) => void (await store.head()),
    work: async (store) => {
      const read = await Promise.all(STREAMS.map((stream) => store.readStream(stream)));
      expect(read.map((events) => events.map(({ stream }) => stream))).toEqual(
        STREAMS.map((stream) => [stream]),
      );
    },
  });
  expect(statements).toHaveLength(1);
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

import { setTimeout as sleep } from 'node:timers/promises';
import {
  freshNamespace,
  testDatabase,
  type TestEventStore,
  testEventStore,
} from '@caretab/doubles';
import { eventStoreSuite, signatureSuite, transferSuite } from '@caretab/event-store/test';
import { EventStoreDb } from './eventstore-db';
import { PgEventStore } from '@caretab/event-store-postgres';
import { digestOf, type Transferable, TWIN_KEYS } from '@caretab/event-store';

let server: TestEventStore;

beforeAll(async () => void (server = await testEventStore()));
afterAll(() => server.stop());

const openEmpty = async (namespace = freshNamespace(), keys = TWIN_KEYS): Promise<EventStoreDb> =>
  new EventStoreDb({ keys, url: server.url, namespace });
const charge = (id: string) => ({ id, type: 'ChargeDeferred', data: { amountFen: 100 } });

eventStoreSuite('the EventStoreDB event store', openEmpty);
describe('with keys', () => {
  let namespace: string;
  beforeEach(() => void (namespace = freshNamespace()));
  signatureSuite('the EventStoreDB event store', (keys) => openEmpty(namespace, keys));
});
transferSuite('the EventStoreDB event store', openEmpty);

test('a ledger moved from PostgreSQL to EventStoreDB and back is the same ledger', async () => {
  const database = await testDatabase();
  const [first, second] = ['first', 'second'].map(
    (schema) => new PgEventStore({ keys: TWIN_KEYS, url: database.url, schema }),
  );
  const between = await openEmpty();
  const move = async (from: Transferable, to: Transferable): Promise<void> => {
    for await (const page of from.export()) await to.import(page);
  };
  await Promise.all([first!.migrate(), second!.migrate()]);
  await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      first!.append(`visit-${index}`, [charge(`a-${index}`), charge(`b-${index}`)], 'none'),
    ),
  );
  await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      first!.append(`visit-${index}`, [charge(`c-${index}`)], 1),
    ),
  );
  await move(first!, between);
  await move(between, second!);
  const digest = await digestOf(first!);
  expect(digest.events).toBe(150);
  expect([await digestOf(between), await digestOf(second!)]).toEqual([digest, digest]);
  expect((await second!.verifyAll()).seal).toBe((await first!.verifyAll()).seal);
  await Promise.all([first!.close(), second!.close(), between.close()]);
  await database.drop();
});

test('stores of other namespaces, and what the server notes itself, are not seen', async () => {
  const [mine, other] = [await openEmpty('test_a'.concat(freshNamespace())), await openEmpty()];
  await other.append('visit-1', [charge('a')], 'none');
  await mine.append('visit-2', [charge('b')], 'none');
  await other.append('visit-1', [charge('c')], 0);
  expect((await mine.readAll({ after: 0n, countMax: 10 })).map(({ stream }) => stream)).toEqual([
    'visit-2',
  ]);
  expect(await mine.readStream('visit-1')).toEqual([]);
  expect(await mine.verifyAll()).toMatchObject({ events: 1, streams: 1, faults: [] });
  await Promise.all([mine.close(), other.close()]);
});

test('several processes keep one chain, and exactly one of them wins a revision', async () => {
  const namespace = freshNamespace();
  const stores = [
    await openEmpty(namespace),
    await openEmpty(namespace),
    await openEmpty(namespace),
  ];
  for (let revision = 0; revision < 10; revision += 1) {
    const results = await Promise.allSettled(
      stores.map((store, at) =>
        store.append(
          'visit-1',
          [charge(`e-${revision}-${at}`)],
          revision === 0 ? 'none' : revision - 1,
        ),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ name: 'WrongExpectedRevision', actual: revision });
  }
  expect(await stores[0]!.verifyAll()).toMatchObject({ events: 10, streams: 1, faults: [] });
  await Promise.all(stores.map((store) => store.close()));
});

test(
  'an append that is repeated by another process later is answered as at first, ' +
    'and the chain stays whole',
  async () => {
    const namespace = freshNamespace();
    const [one, other] = [await openEmpty(namespace), await openEmpty(namespace)];
    const first = await one.append('visit-1', [charge('a'), charge('b')], 'none');
    await sleep(5);
    expect(await other.append('visit-1', [charge('a'), charge('b')], 'none')).toEqual(first);
    expect(await other.append('visit-1', [charge('c')], 1)).toMatchObject({ revision: 2 });
    expect(await one.verifyStream('visit-1')).toEqual({ events: 3, streams: 1, faults: [] });
    await Promise.all([one.close(), other.close()]);
  },
);

test('an append that is larger than the server takes is refused, and nothing is written', async () => {
  const store = await openEmpty();
  const large = { id: 'large', type: 'ChargeDeferred', data: { text: 'x'.repeat(1_100_000) } };
  await expect(store.append('visit-1', [large], 'none')).rejects.toThrow(
    /1048576|Maximum Append Size/,
  );
  expect(await store.readStream('visit-1')).toEqual([]);
  await store.close();
});

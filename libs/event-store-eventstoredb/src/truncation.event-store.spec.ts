import { type EventStoreServer, startEventStoreServer } from '@caretab/doubles';
import { type StreamFault, TWIN_KEYS } from '@caretab/event-store';
import { eventually } from '@caretab/hospital';
import { EventStoreDBClient } from '@eventstore/db-client';
import { EventStoreDb } from './eventstore-db';

/** What an operator of the server takes away while the log of all still shows it. */
let server: EventStoreServer;
let client: EventStoreDBClient;
let store: EventStoreDb;
const opened: EventStoreDb[] = [];

const open = (): EventStoreDb => {
  const one = new EventStoreDb({ keys: TWIN_KEYS, url: server.url });
  opened.push(one);
  return one;
};
const charge = (id: string) => ({ id, type: 'ChargeDeferred', data: { amountFen: 100 } });
const FULL_NAME = 'caretab-visit-1';

beforeEach(async () => {
  server = await startEventStoreServer();
  client = EventStoreDBClient.connectionString(server.url);
  store = open();
  await store.append('visit-1', [charge('a'), charge('b'), charge('c')], 'none');
  await store.append('visit-2', [charge('d')], 'none');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await client.dispose();
  await server.stop();
});

/** Whatever a follower is given from the beginning of the log. */
const follow = (from: EventStoreDb) => {
  const ids: string[] = [];
  const faults: StreamFault[] = [];
  from.subscribe(
    { after: 0n, streamPrefix: 'visit-', onFaults: async (found) => void faults.push(...found) },
    async (batch) => void ids.push(...batch.map(({ id }) => id)),
  );
  return { ids, faults };
};

const FAULT = { kind: 'truncated', stream: 'visit-1' };

describe.each([
  ['deleted softly', () => client.deleteStream(FULL_NAME)],
  ['truncated before an event', () => client.setStreamMetadata(FULL_NAME, { truncateBefore: 2 })],
  ['given a greatest count', () => client.setStreamMetadata(FULL_NAME, { maxCount: 1 })],
])('a stream that was %s', (_how, takeAway) => {
  test('is a fault of that stream at once, and all others are read', async () => {
    const { ids, faults } = follow(store);
    await eventually(() => expect(ids).toEqual(['a', 'b', 'c', 'd']));
    await takeAway();
    await eventually(() => expect(faults).toMatchObject([{ ...FAULT, revision: 0 }]));
    await store.append('visit-2', [charge('e')], 0);
    await eventually(() => expect(ids.at(-1)).toBe('e'));
    await expect(open().readStream('visit-1')).rejects.toMatchObject({ fault: FAULT });
    await expect(open().append('visit-1', [charge('z')], 'none')).rejects.toThrow();
  });

  test('is not proven, nor is the log', async () => {
    await takeAway();
    expect((await store.verifyStream('visit-1')).faults).toContainEqual(
      expect.objectContaining({ ...FAULT, revision: 0 }),
    );
    expect(await store.verifyAll()).toMatchObject({ events: 4, faults: [FAULT] });
    expect((await store.verifyStream('visit-2')).faults).toEqual([]);
  });

  test('is whole again once its metadata is put back, also for who reads all of it later', async () => {
    await takeAway();
    await client.setStreamMetadata(FULL_NAME, {});
    expect(await open().readStream('visit-1')).toHaveLength(3);
    expect(await store.verifyStream('visit-1')).toMatchObject({ events: 3, faults: [] });
    expect(await store.verifyAll()).toMatchObject({ events: 4, streams: 2, faults: [] });
    const { ids, faults } = follow(open());
    await eventually(() => expect(ids).toEqual(['a', 'b', 'c', 'd']));
    expect(faults).toEqual([]);
    expect(await open().append('visit-1', [charge('z')], 2)).toMatchObject({ revision: 3 });
  });
});

test('a first event sent again after a soft delete is not a first event: the answer shows it', async () => {
  await client.deleteStream(FULL_NAME);
  const again = open().append('visit-1', [charge('a')], 'none');
  await expect(again).rejects.toMatchObject({ fault: { ...FAULT, revision: 3 } });
  // And what was written there is taken by no reader: its signature is that of another revision.
  const { ids, faults } = follow(open());
  await eventually(() => expect(faults.map(({ kind }) => kind)).toContain('forged'));
  expect(ids).toEqual(['a', 'b', 'c', 'd']);
  expect((await store.verifyAll()).faults.map(({ kind }) => kind)).toContain('truncated');
});

test('metadata that takes nothing away is no fault, and does not end a page', async () => {
  for (const seconds of [1, 2, 3]) {
    await client.setStreamMetadata(FULL_NAME, { cacheControl: seconds });
    await store.append('visit-2', [charge(`e-${seconds}`)], seconds - 1);
  }
  const ids = ['a', 'b', 'c', 'd', 'e-1', 'e-2', 'e-3'];
  expect((await store.readAll({ after: 0n, countMax: 7 })).map(({ id }) => id)).toEqual(ids);
  const pages = [];
  for (let after = 0n; pages.length < 7;) {
    const [one] = await store.readAll({ after, countMax: 1 });
    pages.push(one!.id);
    after = one!.position;
  }
  expect(pages).toEqual(ids);
  expect((await store.verifyAll()).faults).toEqual([]);
});

test('a stream that was deleted for good is named as such by its proof', async () => {
  await client.tombstoneStream(FULL_NAME);
  const fault = { kind: 'deleted', stream: 'visit-1', revision: 0 };
  expect(await store.verifyStream('visit-1')).toMatchObject({ events: 0, faults: [fault] });
  expect(await store.verifyAll()).toMatchObject({ faults: [fault] });
});

test.each([
  ['wrong password', 'the user or the password is wrong'],
  ['anonymous', 'the user has not the right'],
  ['another server', 'it is another server'],
] as const)('%s: the store is out of order, at once and by name', async (what, why) => {
  const turn = (on: boolean): void =>
    what === 'another server'
      ? server.beAnotherServer(on)
      : server.takeCallersFor(on ? what : 'admin');
  turn(true);
  const outage = { kind: 'unavailable', message: expect.stringContaining(why) };
  await expect(store.append('visit-1', [charge('z')], 2)).rejects.toMatchObject(outage);
  await expect(store.readStream('visit-1')).rejects.toMatchObject(outage);
  await expect(store.readAll({ after: 0n, countMax: 1 })).rejects.toMatchObject(outage);
  turn(false);
  expect(await store.append('visit-1', [charge('z')], 2)).toMatchObject({ revision: 3 });
});

test('a user who may append and not read all is out of order as a reader', async () => {
  server.takeCallersFor('user');
  expect(await store.append('visit-1', [charge('z')], 2)).toMatchObject({ revision: 3 });
  await expect(store.readAll({ after: 0n, countMax: 1 })).rejects.toMatchObject({
    message: expect.stringContaining('the user has not the right'),
  });
});

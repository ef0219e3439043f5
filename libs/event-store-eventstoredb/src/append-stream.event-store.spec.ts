import { TWIN_KEYS } from '@caretab/event-store';
import { type EventStoreServer, startEventStoreServer } from '@caretab/doubles';
import { EventStoreDBClient } from '@eventstore/db-client';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreDb, type EventStoreDbOptions } from './eventstore-db';

/** Many appends go on one call; what becomes of them when it breaks, stands still or grows old. */
let server: EventStoreServer;
const opened: EventStoreDb[] = [];

beforeEach(async () => void (server = await startEventStoreServer()));
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await server.stop();
});

const open = (options: Partial<EventStoreDbOptions> = {}): EventStoreDb => {
  const store = new EventStoreDb({ keys: TWIN_KEYS, url: server.url, ...options });
  opened.push(store);
  return store;
};
const charge = (id: string) => ({ id, type: 'ChargeDeferred', data: { amountFen: 100 } });
const calls = (method: string): number => server.calls.get(method) ?? 0;
const appendMany = (store: EventStoreDb, count: number, from = 0) =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      store.append(`visit-${from + index}`, [charge('a')], 'none'),
    ),
  );
const readBack = async (store: EventStoreDb): Promise<readonly string[]> =>
  (await store.readAll({ after: 0n, countMax: 1_000 })).map(({ stream }) => stream).sort();
const visits = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `visit-${index}`).sort();

test('the appends of all streams go on one call', async () => {
  const store = open();
  await appendMany(store, 200);
  for (let revision = 1; revision < 10; revision += 1)
    await store.append('visit-1', [charge(`b-${revision}`)], revision - 1);
  expect(calls('batchAppend')).toBe(1);
  expect(calls('append')).toBe(0);
  expect(await store.verifyAll()).toMatchObject({ events: 209, faults: [] });
});

test('a server whose clock is ahead by an hour takes appends and imports', async () => {
  const [store, other] = [open({ deadlineMs: 2_000 }), open({ namespace: 'other' })];
  server.setClockAhead(3_600_000);
  await appendMany(store, 3);
  for await (const page of store.export()) await other.import(page);
  expect(await readBack(other)).toEqual(visits(3));
});

test.each(['not ready', 'no leader', 'cut'] as const)(
  'a server that answers one append with "%s" is asked again on a new call, and all are written once',
  async (treatment) => {
    const store = open();
    await appendMany(store, 1);
    server.leaveUnanswered(treatment, 'visit-20');
    await appendMany(store, 49, 1);
    expect(calls('batchAppend')).toBe(2);
    expect(calls('append')).toBe(0);
    expect(await readBack(store)).toEqual(visits(50));
    expect(await store.verifyAll()).toMatchObject({ events: 50, faults: [] });
  },
);

test('an append that breaks the call twice goes alone, and breaks it for no other a third time', async () => {
  const store = open();
  server.leaveUnanswered('cut', 'visit-7', 2);
  await appendMany(store, 50);
  expect(calls('append')).toBeGreaterThan(0);
  expect(await readBack(store)).toEqual(visits(50));
  const before = calls('batchAppend');
  await appendMany(store, 10, 50);
  expect(calls('batchAppend') - before).toBeLessThanOrEqual(1);
  expect(await store.verifyAll()).toMatchObject({ events: 60, faults: [] });
});

test('an append whose answer was lost holds up no other, and is written once', async () => {
  const store = open({ deadlineMs: 2_000 });
  server.leaveUnanswered('write silently', 'visit-3');
  const startedAtMs = performance.now();
  const waiting = store.append('visit-3', [charge('a')], 'none');
  await sleep(20);
  await appendMany(store, 3);
  expect(performance.now() - startedAtMs).toBeLessThan(500);
  expect(await waiting).toMatchObject({ revision: 0 });
  expect(await store.append('visit-3', [charge('b')], 0)).toMatchObject({ revision: 1 });
  expect((await store.readStream('visit-3')).map(({ id }) => id)).toEqual(['a', 'b']);
});

test('an append whose answer was lost, and behind which another wrote, is found by reading', async () => {
  const [store, other] = [open({ deadlineMs: 2_000 }), open()];
  server.leaveUnanswered('write silently', 'visit-1');
  const waiting = store.append('visit-1', [charge('a')], 'none');
  await sleep(100);
  // A first event that is written once more is recognised as long as it is the last: a second one follows.
  expect(await other.append('visit-1', [charge('b')], 0)).toMatchObject({ revision: 1 });
  expect(await waiting).toMatchObject({ revision: 0 });
  expect((await store.readStream('visit-1')).map(({ id }) => id)).toEqual(['a', 'b']);
});

test('a call that is not answered at all is given up, and those behind it go on', async () => {
  const store = open({ deadlineMs: 4_000 });
  server.leaveUnanswered('ignore', 'visit-0');
  await appendMany(store, 20);
  expect(calls('batchAppend')).toBe(2);
  expect(await readBack(store)).toEqual(visits(20));
});

test('a call that grew old is followed by a new one, at which the user is checked again', async () => {
  const store = open({ reopenAppendsMs: 50 });
  for (let index = 0; index < 6; index += 1) {
    await appendMany(store, 5, index * 5);
    await sleep(30);
  }
  expect(calls('batchAppend')).toBeGreaterThanOrEqual(3);
  expect(calls('append')).toBe(0);
  expect(await readBack(store)).toEqual(visits(30));
});

test('after a refusal for a right the next append asks on a new call', async () => {
  const store = open();
  await appendMany(store, 1);
  server.takeCallersFor('anonymous');
  await expect(store.append('visit-1', [charge('a')], 'none')).rejects.toMatchObject({
    message: expect.stringContaining('the user has not the right'),
  });
  server.takeCallersFor('admin');
  expect(await store.append('visit-1', [charge('a')], 'none')).toMatchObject({ revision: 0 });
  expect(calls('batchAppend')).toBe(2);
});

describe('a log without the event that was written last', () => {
  const UNAVAILABLE = { kind: 'unavailable', message: expect.stringContaining('an older copy') };

  test('is an older copy also where the call was not broken: the answer shows it', async () => {
    const store = open();
    await appendMany(store, 2);
    const older = server.copied();
    await appendMany(store, 3, 2);
    const newest = server.copied();
    const { log } = server as unknown as { readonly log: { put(copy: typeof older): void } };
    log.put(older);
    await expect(store.append('visit-9', [charge('a')], 'none')).rejects.toMatchObject(UNAVAILABLE);
    const { end } = server;
    await expect(appendMany(store, 2, 10)).rejects.toMatchObject(UNAVAILABLE);
    expect(server.end).toBe(end);
    log.put(newest);
    expect(await store.append('visit-9', [charge('a')], 'none')).toMatchObject({ revision: 0 });
    expect(await store.verifyAll()).toMatchObject({ events: 6, faults: [] });
  });

  test.each(['deleteStream', 'tombstoneStream'] as const)(
    'is the same log where that stream was taken away by %s, and takes appends to others',
    async (takeAway) => {
      const store = open({ reopenAppendsMs: 0 });
      await appendMany(store, 3);
      const client = EventStoreDBClient.connectionString(server.url);
      await client[takeAway]('caretab-visit-2');
      await client.dispose();
      await appendMany(store, 2, 10);
      expect((await store.verifyAll()).events).toBe(5);
    },
  );
});

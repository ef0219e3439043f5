import { TWIN_KEYS } from '@caretab/event-store';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStoreServer, startEventStoreServer } from '@caretab/doubles';
import { eventually } from '@caretab/hospital';
import { Outages } from '@caretab/kernel';
import { EventStoreDBClient } from '@eventstore/db-client';
import { EventStoreDb, type EventStoreDbOptions } from './eventstore-db';

/**
 * What only a server can be made to do that is ours: to go down, to keep silent, to be tampered
 * with.
 */
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
const until = (condition: () => boolean): Promise<void> =>
  eventually(() => expect(condition()).toBe(true), 15_000);

describe('when the server fails', () => {
  test(
    'a subscription goes on from where it was after the server was away, without a ' +
      'skip and without a repeat',
    async () => {
      const store = open();
      const seen: string[] = [];
      const told: string[] = [];
      const tell = (_: object, text: string): void => void told.push(text);
      const log = { info: tell, warn: tell, error: tell };
      const reader = open({ outages: new Outages(log, { what: 'follower' }) });
      reader.subscribe(
        { after: 0n, batchSizeMax: 3 },
        async (batch) => void seen.push(...batch.map(({ id }) => id)),
      );
      const sent = Array.from({ length: 60 }, (_, index) => `e-${index}`);
      for (const [index, id] of sent.entries()) {
        if (index === 15) server.dropConnections();
        if (index === 30) await server.restart(300);
        await store.append('visit-1', [charge(id)], index === 0 ? 'none' : index - 1);
      }
      await until(() => seen.length >= sent.length);
      expect(seen).toEqual(sent);
      // One connection that broke and one restart: the doorbell adds nothing to what the reader reports.
      expect(told.length).toBeLessThanOrEqual(4);
      expect(await store.verifyAll()).toMatchObject({ events: 60, faults: [] });
    },
  );

  test('reads and appends under way are answered when it is back', async () => {
    const store = open();
    await store.append('visit-1', [charge('a')], 'none');
    const restarted = server.restart(300);
    await sleep(20);
    const answers = await Promise.all([
      ...Array.from({ length: 20 }, () => store.readStream('visit-1')),
      ...Array.from({ length: 20 }, (_, index) =>
        store.append(`visit-${index + 2}`, [charge('b')], 'none'),
      ),
    ]);
    await restarted;
    expect(answers).toHaveLength(40);
    expect(await store.head()).toBe(
      (await store.readAll({ after: 0n, countMax: 100 })).at(-1)!.position,
    );
  });

  test('a server that cannot be reached is said in clear words, in time', async () => {
    const store = open({ url: 'esdb://127.0.0.1:1?tls=false', deadlineMs: 300 });
    const startedAtMs = performance.now();
    await expect(store.append('visit-1', [charge('a')], 'none')).rejects.toMatchObject({
      name: 'EventStoreUnavailable',
      message: expect.stringContaining('an append was not answered in time'),
    });
    await expect(store.readStream('visit-1')).rejects.toMatchObject({
      name: 'EventStoreUnavailable',
    });
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
  });

  test('an append that nobody answers is refused at its deadline, and can be sent again', async () => {
    const store = open({ deadlineMs: 400 });
    for (let attempt = 0; attempt < 2; attempt += 1)
      await store.append(`visit-${attempt}`, [charge('a')], 'none');
    server.ignoreAppends(true);
    await expect(store.append('visit-9', [charge('a')], 'none')).rejects.toMatchObject({
      name: 'EventStoreUnavailable',
    });
    server.ignoreAppends(false);
    expect(await store.append('visit-9', [charge('a')], 'none')).toMatchObject({ revision: 0 });
  });

  test('an append whose answer was lost is recognised when it is tried again, and written once', async () => {
    const store = open({ deadlineMs: 2_000 });
    await store.append('visit-1', [charge('a')], 'none');
    server.leaveUnanswered('write silently', 'visit-1');
    expect(await store.append('visit-1', [charge('b')], 0)).toMatchObject({ revision: 1 });
    expect(await store.append('visit-1', [charge('c')], 1)).toMatchObject({ revision: 2 });
    expect((await store.readStream('visit-1')).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(await store.verifyStream('visit-1')).toMatchObject({ events: 3, faults: [] });
  });

  test('an import goes on after an answer was lost', async () => {
    const [source, target] = [open({ namespace: 'source' }), open({ namespace: 'target' })];
    for (let index = 0; index < 40; index += 1)
      await source.append(`visit-${index}`, [charge('a')], 'none');
    server.interruptAfter(10);
    for await (const page of source.export()) await target.import(page);
    expect(
      (await target.readAll({ after: 0n, countMax: 100 })).map(({ stream }) => stream),
    ).toEqual(Array.from({ length: 40 }, (_, index) => `visit-${index}`));
  });

  test('closing waits for the appends in hand', async () => {
    const store = open();
    const appends = Array.from({ length: 100 }, (_, index) =>
      store.append(`visit-${index}`, [charge('a')], 'none'),
    );
    await store.close();
    expect(await Promise.all(appends)).toHaveLength(100);
    await expect(store.append('visit-1', [charge('b')], 0)).rejects.toThrow(
      'a closed event store is not used',
    );
  });
});

describe('what a subscription looks at', () => {
  test('what does not fit it is not looked at a second time', async () => {
    const store = open();
    for (let index = 0; index < 30; index += 1)
      await store.append(`payer-${index}`, [charge('a')], 'none');
    await store.append('visit-1', [charge('a')], 'none');
    const other = open({ namespace: 'other' });
    for (let index = 0; index < 30; index += 1)
      await other.append(`visit-${index}`, [charge('a')], 'none');
    const seen: string[] = [];
    store.subscribe(
      { after: 0n, streamPrefix: 'visit-' },
      async (batch) => void seen.push(...batch.map(({ id }) => id)),
    );
    await until(() => seen.length === 1);
    const asked: bigint[] = [];
    const { reader } = store as unknown as {
      reader: { all: (after: bigint, ...rest: unknown[]) => Promise<unknown> };
    };
    const all = reader.all.bind(reader);
    reader.all = (after, ...rest) => (asked.push(after), all(after, ...rest));
    await sleep(50);
    const end = server.end;
    await store.append('visit-1', [charge('b')], 0);
    await until(() => seen.length === 2);
    expect(seen).toEqual(['a', 'b']);
    expect(asked.every((after) => after >= end)).toBe(true);
  });

  test('a server without a word costs no more than a look now and then', async () => {
    const store = open();
    await store.append('visit-1', [charge('a')], 'none');
    let seen = 0;
    store.subscribe({ after: 0n }, async () => void (seen += 1));
    await until(() => seen === 1);
    await sleep(100);
    const before = server.calls.get('read') ?? 0;
    await sleep(500);
    expect((server.calls.get('read') ?? 0) - before).toBeLessThanOrEqual(2);
  });
});

describe('the audit', () => {
  test.each([
    ['data', (event: { data: Buffer }) => void (event.data = Buffer.from('{"amountFen":1}'))],
    [
      'metadata',
      (event: { metadata: Buffer }) =>
        void (event.metadata = Buffer.from(
          event.metadata.toString().replace('"metadata":{}', '"metadata":{"source":"x"}'),
        )),
    ],
    [
      'time',
      (event: { metadata: Buffer }) =>
        void (event.metadata = Buffer.from(
          event.metadata.toString().replace(/"recordedAtMs":\d/, '"recordedAtMs":2'),
        )),
    ],
    [
      'envelope',
      (event: { metadata: Buffer }) => void (event.metadata = Buffer.from('{}')),
      'foreign',
    ],
  ])('finds changed %s', async (_what, change, kind = 'content') => {
    const store = open();
    for (let index = 0; index < 5; index += 1)
      await store.append(`visit-${index}`, [charge('a'), charge('b'), charge('c')], 'none');
    const kept = await store.verifyAll();
    expect(kept).toMatchObject({ events: 15, streams: 5, faults: [] });
    server.tamper('visit-3', 1, change);
    expect((await store.verifyAll()).faults[0]).toMatchObject({
      kind,
      stream: 'visit-3',
      revision: 1,
    });
    expect((await store.verifyStream('visit-3')).faults).not.toEqual([]);
    expect((await store.verifyStream('visit-4')).faults).toEqual([]);
  });

  test('seals the same log up to the same head with the same seal', async () => {
    const store = open();
    await store.append('visit-1', [charge('a')], 'none');
    const kept = await store.verifyAll();
    await store.append('visit-1', [charge('b')], 0);
    expect(await store.verifyAll({ until: kept.head })).toMatchObject({
      seal: kept.seal,
      head: kept.head,
      events: 2,
    });
    expect((await store.verifyAll()).seal).not.toBe(kept.seal);
  });

  test('a stream that somebody deleted is never taken for an empty one', async () => {
    const store = open();
    await store.append('visit-1', [charge('a')], 'none');
    await store.append('visit-2', [charge('a')], 'none');
    const client = EventStoreDBClient.connectionString(server.url);
    await client.tombstoneStream('caretab-visit-1');
    await client.deleteStream('caretab-visit-2');
    const deleted = { fault: { kind: 'deleted', stream: 'visit-1', revision: 0 } };
    await expect(open().append('visit-1', [charge('a')], 'none')).rejects.toMatchObject(deleted);
    await expect(store.readStream('visit-1')).rejects.toMatchObject(deleted);
    // Deleted softly, it takes a first event, behind what is gone.
    const truncated = { fault: { kind: 'truncated', stream: 'visit-2', revision: 1 } };
    await expect(open().append('visit-2', [charge('b')], 'none')).rejects.toMatchObject(truncated);
    const missing = { fault: { ...truncated.fault, revision: 0 } };
    await expect(store.readStream('visit-2')).rejects.toMatchObject(missing);
    expect((await store.verifyAll()).faults).toContainEqual(
      expect.objectContaining({ kind: 'deleted', stream: 'visit-1', revision: 0 }),
    );
    await client.dispose();
  });
});

test('the client package itself, batch append included, is served by the wire server as by the real one', async () => {
  const client = EventStoreDBClient.connectionString(server.url);
  const events = (ids: readonly string[]) =>
    ids.map((id) => ({
      id: `00000000-0000-4000-9000-00000000000${id}`,
      type: 'T',
      data: { id },
      contentType: 'application/json' as const,
      metadata: undefined,
    }));
  expect(
    (await client.appendToStream('s-1', events(['1', '2']), { expectedRevision: 'no_stream' }))
      .nextExpectedRevision,
  ).toBe(1n);
  expect(
    (await client.appendToStream('s-1', events(['1', '2']), { expectedRevision: 'no_stream' }))
      .nextExpectedRevision,
  ).toBe(1n);
  await expect(
    client.appendToStream('s-1', events(['3']), { expectedRevision: 'no_stream' }),
  ).rejects.toMatchObject({ type: 'wrong-expected-version', actualVersion: 1n });
  await expect(
    client.appendToStream('s-1', events(['2', '3']), { expectedRevision: 0n }),
  ).rejects.toMatchObject({ type: 'wrong-expected-version' });
  const read: unknown[] = [];
  for await (const { event } of client.readStream('s-1', { fromRevision: 1n }))
    read.push(event?.data);
  expect(read).toEqual([{ id: '2' }]);
  await expect(
    (async () => {
      for await (const _ of client.readStream('s-none'));
    })(),
  ).rejects.toMatchObject({ type: 'stream-not-found' });
  const live: unknown[] = [];
  let checkpoints = 0;
  const subscription = client.subscribeToAll({
    filter: {
      filterOn: 'streamName',
      prefixes: ['s-'],
      checkpointInterval: 1,
      maxSearchWindow: 1,
      checkpointReached: async () => void (checkpoints += 1),
    },
  });
  subscription.on('data', ({ event }) => live.push(event?.data));
  subscription.on('error', () => undefined);
  await client.appendToStream('s-1', events(['4']), { expectedRevision: 1n });
  await until(() => live.length === 3 && checkpoints > 2);
  await subscription.unsubscribe();
  await client.dispose();
});

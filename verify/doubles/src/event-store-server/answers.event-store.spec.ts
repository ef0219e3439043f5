import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { type EventStoreServer, startEventStoreServer } from '.';

/** What servers 23.10.6 and 24.2.0 answered; the client's own methods ask here as they did there. */
let server: EventStoreServer;
let client: EventStoreDBClient;

beforeEach(async () => {
  server = await startEventStoreServer();
  client = EventStoreDBClient.connectionString(server.url);
});
afterEach(async () => {
  await client.dispose();
  await server.stop();
});

const STREAM = 'ledger-visit-1';
const LAST_REVISION = 9223372036854775807n;

const append = async (count: number, expectedRevision: 'no_stream' | bigint): Promise<bigint> => {
  const events = Array.from({ length: count }, () =>
    jsonEvent({ id: randomUUID(), type: 'T', data: {} }),
  );
  const result = await client.appendToStream(STREAM, events, {
    expectedRevision,
  });
  return result.nextExpectedRevision;
};
const read = async (): Promise<bigint[]> => {
  const revisions: bigint[] = [];
  for await (const { event } of client.readStream(STREAM)) revisions.push(event!.revision);
  return revisions;
};
/** Stream, revision, type and content of all events of the stream and of its metadata. */
const readAll = async (): Promise<[string, bigint, string, unknown][]> => {
  const found: [string, bigint, string, unknown][] = [];
  for await (const { event } of client.readAll())
    if (event!.streamId.endsWith(STREAM))
      found.push([event!.streamId, event!.revision, event!.type, event!.data]);
  return found;
};
const firstThree = [0n, 1n, 2n].map((revision) => [STREAM, revision, 'T', {}]);

describe('a stream that was deleted softly', () => {
  const note = [`$$${STREAM}`, 0n, '$metadata', { $tb: Number(LAST_REVISION) }];
  beforeEach(async () => {
    await append(3, 'no_stream');
    await client.deleteStream(STREAM);
  });

  test('is not found, and in the log of all as before, with the note of it', async () => {
    await expect(read()).rejects.toMatchObject({ type: 'stream-not-found' });
    expect(await readAll()).toEqual([...firstThree, note]);
  });

  test.each([['nothing', 'no_stream'] as const, ['its last event', 2n] as const])(
    'takes an append that expects %s, behind what is gone, and notes it',
    async (_what, expected) => {
      expect(await append(1, expected)).toBe(3n);
      expect(await read()).toEqual([3n]);
      expect(await readAll()).toEqual([
        ...firstThree,
        note,
        [STREAM, 3n, 'T', {}],
        [`$$${STREAM}`, 1n, '$metadata', { $tb: 3 }],
      ]);
    },
  );

  test('is whole again once nothing is truncated any more', async () => {
    await client.setStreamMetadata(STREAM, {});
    expect(await read()).toEqual([0n, 1n, 2n]);
    expect(await append(1, 2n)).toBe(3n);
  });
});

test('a stream with a tombstone takes nothing and gives nothing; the log of all has it', async () => {
  await append(3, 'no_stream');
  await client.tombstoneStream(STREAM);
  const deleted = { type: 'stream-deleted', code: 9 };
  await expect(append(1, 'no_stream')).rejects.toMatchObject({ type: 'stream-deleted' });
  await expect(read()).rejects.toMatchObject(deleted);
  expect(await readAll()).toEqual([...firstThree, [STREAM, LAST_REVISION, '$streamDeleted', {}]]);
});

test.each([
  ['a greatest count', { maxCount: 2 }, [3n, 4n]],
  ['truncate before', { truncateBefore: 3 }, [3n, 4n]],
  ['a greatest age', { maxAge: 3_600 }, [3n, 4n]],
  ['other metadata', { cacheControl: 1 }, [0n, 1n, 2n, 3n, 4n]],
])('of a stream with %s the rest is read, and all of it is in the log', async (...row) => {
  const [, metadata, left] = row;
  await append(5, 'no_stream');
  for (const revision of [0, 1, 2])
    server.tamper(STREAM, revision, (event) => Object.assign(event, { createdTicks: 0n }));
  await client.setStreamMetadata(STREAM, metadata);
  expect(await read()).toEqual(left);
  expect((await readAll()).map(([, revision]) => revision)).toEqual([0n, 1n, 2n, 3n, 4n, 0n]);
  expect(await append(1, 4n)).toBe(5n);
});

describe('who has not the right', () => {
  beforeEach(async () => void (await append(1, 'no_stream')));

  test('is refused everything where the password is wrong', async () => {
    server.takeCallersFor('wrong password');
    const refused = { code: 16 };
    await expect(append(1, 0n)).rejects.toMatchObject(refused);
    await expect(read()).rejects.toMatchObject(refused);
    await expect(readAll()).rejects.toMatchObject(refused);
  });

  test('is refused everything without credentials', async () => {
    server.takeCallersFor('anonymous');
    const refused = { type: 'access-denied' };
    await expect(append(1, 0n)).rejects.toMatchObject(refused);
    await expect(read()).rejects.toMatchObject({ ...refused, code: 7 });
    await expect(readAll()).rejects.toMatchObject({ ...refused, code: 7 });
  });

  test('reads and appends by default, but for the log of all, until its metadata names every user', async () => {
    server.takeCallersFor('user');
    expect(await append(1, 0n)).toBe(1n);
    expect(await read()).toEqual([0n, 1n]);
    await expect(readAll()).rejects.toMatchObject({ type: 'access-denied', code: 7 });
    server.takeCallersFor('admin');
    await client.setStreamMetadata('$all', { acl: { readRoles: ['$all'] } });
    server.takeCallersFor('user');
    expect(await readAll()).toHaveLength(2);
  });

  const ADMINS = { writeRoles: ['$admins'] };
  test.each([
    ['by the metadata of one stream', () => client.setStreamMetadata(STREAM, { acl: ADMINS })],
    [
      'by the settings of the server',
      () =>
        client.appendToStream(
          '$settings',
          jsonEvent({ type: 'update', data: { $userStreamAcl: { $w: '$admins' } } }),
        ),
    ],
  ])('appends no more once that is narrowed %s; members of $admins do', async (_by, narrow) => {
    await narrow();
    server.takeCallersFor('user');
    await expect(append(1, 0n)).rejects.toMatchObject({ type: 'access-denied' });
    expect(await read()).toEqual([0n]);
    server.takeCallersFor('admin');
    expect(await append(1, 0n)).toBe(1n);
  });

  test('of another server, is answered that there is no such service', async () => {
    server.beAnotherServer(true);
    await expect(read()).rejects.toMatchObject({ code: 12 });
    server.beAnotherServer(false);
    expect(await read()).toEqual([0n]);
  });
});

test('an append of more than a megabyte is refused by name', async () => {
  const event = jsonEvent({ type: 'T', data: { text: 'x'.repeat(1_100_000) } });
  await expect(client.appendToStream(STREAM, event)).rejects.toMatchObject({
    type: 'maximum-append-size-exceeded',
    maxAppendSize: 1_048_576,
  });
});

import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { chainHash, contentDigest, type StreamFault, TWIN_KEYS } from '@caretab/event-store';
import { byteaArray } from '@caretab/kernel';
import { Client } from 'pg';
import { PgEventStore } from './pg-event-store';

/** Of the function that appends. */
const ARGUMENTS = 'text[], int[], int[], text[], text[], text[], text[], bytea[], text[], bytea[]';
const MAXIMUM = 2n ** 63n - 1n;

let database: TestDatabase;
let store: PgEventStore;
let schemas = 0;
let schema: string;

beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());
beforeEach(async () => {
  schema = `bounds_${(schemas += 1)}`;
  store = new PgEventStore({ keys: TWIN_KEYS, url: database.url, schema, deadlineMs: 500 });
  await store.migrate();
  await store.append('visit-1', [charge('a')], 'none');
});
afterEach(() => store.close());

const charge = (id: string) => ({ id, type: 'ChargeDeferred', data: { amountFen: 100 } });

const asOwner = async (text: string, values: unknown[] = []): Promise<void> => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(text, values);
  } finally {
    await client.end();
  }
};

/** A ledger of before the bounds, or one whose owner took them away. */
const withoutBounds = () => asOwner(`alter table ${schema}.events drop constraint events_bounds`);

/** An event at the end of `visit-1` that fits its chain, and has no signature. */
const putAt = async (position: bigint): Promise<void> => {
  const content = { stream: 'visit-1', id: 'x', type: 'ChargeDeferred', data: '{}' };
  const digest = contentDigest({ ...content, metadata: '{}' });
  let last: Uint8Array | undefined;
  for await (const page of store.export())
    last ??= page.find(({ stream }) => stream === 'visit-1')?.hash;
  await asOwner(
    `insert into ${schema}.events
       (position, stream, revision, id, type, data, metadata, recorded_at, hash)
     select $1::bigint, 'visit-1', 1, 'x', 'ChargeDeferred', '{}', '{}', timestamptz 'epoch',
       ($2::bytea[])[1]`,
    [position.toString(), byteaArray([chainHash(last!, digest, 1, 0)])],
  );
};

test.each([-MAXIMUM, -3n, 0n, MAXIMUM])('no row stands at position %s', async (position) => {
  await expect(putAt(position)).rejects.toMatchObject({
    code: '23514',
    constraint: 'events_bounds',
  });
});

test('migrating sets the bounds where a row stands outside of them already', async () => {
  await withoutBounds();
  await putAt(-3n);
  await store.migrate();
  await asOwner(
    `alter table ${schema}.events disable trigger events_immutable;
     delete from ${schema}.events where position = -3;
     alter table ${schema}.events enable always trigger events_immutable`,
  );
  await expect(putAt(-3n)).rejects.toMatchObject({ code: '23514' });
});

test.each([-MAXIMUM - 1n, -3n, 0n])(
  'an event without a signature at position %s is foreign, and the proof names it',
  async (position) => {
    await withoutBounds();
    await store.append('visit-2', [charge('b')], 'none');
    const { seal } = await store.verifyAll();
    await putAt(position);
    const { signedAfter: _, ...unbounded } = TWIN_KEYS;
    for (const keys of [TWIN_KEYS, unbounded]) {
      const other = new PgEventStore({ keys, url: database.url, schema });
      await expect(other.readStream('visit-1')).rejects.toMatchObject({
        fault: { kind: 'foreign', stream: 'visit-1', revision: 1 } satisfies Partial<StreamFault>,
      });
      await other.close();
    }
    const all = await store.verifyAll();
    expect(all.faults.map(({ kind, stream }) => [kind, stream])).toEqual([
      ['foreign', 'visit-1'],
      ['gap', 'visit-1'],
    ]);
    expect(all).toMatchObject({ head: 2n, seal });
    expect(await store.verifyAll({ known: new Map([['visit-1', 1]]) })).toMatchObject({
      faults: [],
      knownFaults: 2,
    });
    expect(await store.append('visit-2', [charge('c')], 0)).toMatchObject({ revision: 1 });
  },
);

test('a log without a position left is out of order by name, and no message is to blame', async () => {
  await withoutBounds();
  await putAt(MAXIMUM);
  const other = new PgEventStore({ keys: TWIN_KEYS, url: database.url, schema });
  for (const one of [store, other])
    await expect(one.append('visit-2', [charge('b')], 'none')).rejects.toMatchObject({
      name: 'EventStoreUnavailable',
      kind: 'unavailable',
    });
  // The bounds are back, and the row is still there.
  await store.migrate();
  await expect(other.append('visit-2', [charge('b')], 'none')).rejects.toMatchObject({
    kind: 'unavailable',
  });
  await other.close();
});

test.each([
  ['schema', 'alter schema % rename to %_gone', 'alter schema %_gone rename to %'],
  [
    'column',
    'alter table %.events rename mac to other',
    'alter table %.events rename other to mac',
  ],
  [
    'function',
    `alter function %.append(${ARGUMENTS}) rename to other`,
    `alter function %.other(${ARGUMENTS}) rename to append`,
  ],
])('without its %s the store is out of order by name', async (_what, take, give) => {
  await asOwner(take.replaceAll('%', schema));
  const other = new PgEventStore({ keys: TWIN_KEYS, url: database.url, schema, deadlineMs: 500 });
  for (const one of [store, other])
    await expect(one.append('visit-2', [charge('b')], 'none')).rejects.toMatchObject({
      kind: 'unavailable',
    });
  await asOwner(give.replaceAll('%', schema));
  expect(await store.append('visit-2', [charge('b')], 'none')).toMatchObject({ revision: 0 });
  await other.close();
});

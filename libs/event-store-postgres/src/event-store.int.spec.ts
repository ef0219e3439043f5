import { setTimeout as sleep } from 'node:timers/promises';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import {
  contentDigest,
  EventIdTaken,
  EventSigner,
  type NewEvent,
  TWIN_KEYS,
} from '@caretab/event-store';
import {
  eventStoreSuite,
  otherHandsSuite,
  signatureSuite,
  transferSuite,
} from '@caretab/event-store/test';
import { byteaArray, int4Array, textArray } from '@caretab/kernel';
import { APP_ROLE } from './ledger-rights';
import { PgEventStore } from './pg-event-store';
import { EXPECT_NONE } from './pg-schema';

let database: TestDatabase;
let schemas = 0;
let schema: string;
const opened: PgEventStore[] = [];

beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());
afterEach(async () => void (await Promise.all(opened.splice(0).map((store) => store.close()))));

const open = (keys = TWIN_KEYS, deadlineMs = 15_000): PgEventStore => {
  const store = new PgEventStore({ keys, url: database.url, schema, deadlineMs });
  opened.push(store);
  return store;
};

const openEmpty = async (): Promise<PgEventStore> => {
  schema = `ledger_${(schemas += 1)}`;
  const store = open();
  await store.migrate();
  return store;
};

eventStoreSuite('the PostgreSQL event store', openEmpty);
describe('with keys', () => {
  beforeEach(openEmpty);
  signatureSuite('the PostgreSQL event store', async (keys) => open(keys));
});
transferSuite('the PostgreSQL event store', openEmpty);

const charge = (id: string, data: unknown = {}): NewEvent => ({ id, type: 'ChargeDeferred', data });

/** A connection of another client, with all rights that the server grants. */
const connected = async <Result>(work: (client: Client) => Promise<Result>): Promise<Result> => {
  const client = new Client({ connectionString: database.url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** What the owner of the database can do after dropping the trigger. */
const tamper = (statement: string) =>
  connected((client) =>
    client.query(
      `alter table ${schema}.events disable trigger events_immutable; ${statement}; ` +
        `alter table ${schema}.events enable always trigger events_immutable`,
    ),
  );

otherHandsSuite(
  'the PostgreSQL event store',
  async () => {
    await openEmpty();
    let copies = 0;
    return {
      open: async () => open(TWIN_KEYS, 500),
      copy: async () => {
        const copy = `${schema}.copy_${(copies += 1)}`;
        await connected((client) => client.query(`create table ${copy} as table ${schema}.events`));
        return () =>
          tamper(
            `delete from ${schema}.events; insert into ${schema}.events select * from ${copy}`,
          ).then(() => undefined);
      },
    };
  },
  {
    truncations: {
      'cut before an event': async () =>
        void (await tamper(
          `delete from ${schema}.events where stream = 'visit-1' and revision < 2`,
        )),
    },
    refusals: {
      'a right that was taken back': {
        take: async () =>
          void (await connected((client) =>
            client.query(`revoke all on schema ${schema} from ${APP_ROLE}`),
          )),
        give: async () =>
          void (await connected((client) =>
            client.query(`grant usage on schema ${schema} to ${APP_ROLE}`),
          )),
      },
    },
  },
);

/** The arguments of the function as the release before signing called it. */
const unsignedValues = (stream: string, id: string): Buffer[] => {
  const content = { stream, id, type: 'ChargeDeferred', data: '{}', metadata: '{}' };
  return [
    textArray([stream]),
    int4Array([EXPECT_NONE]),
    int4Array([1]),
    textArray([id]),
    textArray([content.type]),
    textArray([content.data]),
    textArray([content.metadata]),
    byteaArray([contentDigest(content)]),
  ];
};

const UNSIGNED =
  '$1::text[], $2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[]';

const appendBy = (client: Client, stream: string, id: string) => {
  const content = { stream, id, type: 'ChargeDeferred', data: '{}', metadata: '{}' };
  const { keyId, mac } = new EventSigner(TWIN_KEYS).sign(contentDigest(content), 0);
  return client.query(`select * from ${schema}.append(${UNSIGNED}, $9::text[], $10::bytea[])`, [
    ...unsignedValues(stream, id),
    textArray([keyId]),
    byteaArray([mac]),
  ]);
};

test('a replica of the release before signing goes on writing until the boundary is set', async () => {
  await openEmpty();
  await connected((client) =>
    client.query(`select * from ${schema}.append(${UNSIGNED})`, unsignedValues('visit-1', 'a')),
  );
  const { signedAfter: _, ...keys } = TWIN_KEYS;
  expect(await open(keys).readStream('visit-1')).toHaveLength(1);
  await expect(open().readStream('visit-1')).rejects.toMatchObject({ fault: { kind: 'foreign' } });
});

describe('the order of all events', () => {
  test('a reader never skips an event committed late by an overlapping transaction', async () => {
    const store = await openEmpty();
    const seen: string[] = [];
    store.subscribe({ after: 0n }, async (batch) => void seen.push(...batch.map(({ id }) => id)));
    const others = [open(), open()];
    await connected(async (holder) => {
      await holder.query('begin');
      await appendBy(holder, 'visit-held', 'held');
      const appends = others.flatMap((other, at) =>
        Array.from({ length: 20 }, (_, index) =>
          other.append(`visit-${at}-${index}`, [charge(`c-${at}-${index}`)], 'none'),
        ),
      );
      await sleep(300);
      // A later position that were visible now would move readers past the one that is held.
      expect(await store.readAll({ after: 0n, countMax: 100 })).toEqual([]);
      expect(seen).toEqual([]);
      await holder.query('commit');
      await Promise.all(appends);
    });
    const all = await store.readAll({ after: 0n, countMax: 100 });
    expect(all).toHaveLength(41);
    expect(all[0]).toMatchObject({ id: 'held', position: 1n });
    while (seen.length < 41) await sleep(10);
    expect(seen).toEqual(all.map(({ id }) => id));
  });

  test('goes on without a gap when an append that was held open is rolled back', async () => {
    const store = await openEmpty();
    await connected(async (holder) => {
      await holder.query('begin');
      await appendBy(holder, 'visit-held', 'held');
      const append = store.append('visit-1', [charge('a')], 'none');
      await sleep(50);
      await holder.query('rollback');
      expect(await append).toMatchObject({ revision: 0 });
      expect((await store.readStream('visit-1'))[0]!.position).toBe(1n);
    });
  });

  test('is followed without a skip while several processes append and some of their transactions linger', async () => {
    const store = await openEmpty();
    const followed: bigint[] = [];
    const following = store.subscribe(
      { after: 0n, batchSizeMax: 13 },
      async (batch) => void followed.push(...batch.map(({ position }) => position)),
    );
    const writers = [open(), open(), open()];
    const lingering = connected(async (client) => {
      for (let index = 0; index < 20; index += 1) {
        await client.query('begin');
        await appendBy(client, `visit-slow-${index}`, `slow-${index}`);
        await sleep(index % 4);
        await client.query(index % 5 === 0 ? 'rollback' : 'commit');
      }
    });
    await Promise.all(
      writers.flatMap((writer, at) =>
        Array.from({ length: 200 }, (_, index) =>
          writer.append(
            `visit-${at}-${index % 40}`,
            [charge(`e-${at}-${index}`)],
            index < 40 ? 'none' : Math.floor(index / 40) - 1,
          ),
        ),
      ),
    );
    await lingering;
    const all = await store.readAll({ after: 0n, countMax: 1_000 });
    expect(all).toHaveLength(616);
    while (followed.length < all.length) await sleep(10);
    await following.stop();
    expect(followed).toEqual(all.map(({ position }) => position));
    expect(await store.verifyAll()).toMatchObject({ events: 616, faults: [] });
  });

  test('lets exactly one of several processes win a revision', async () => {
    const stores = [await openEmpty(), open(), open()];
    for (let revision = 0; revision < 20; revision += 1) {
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
    expect(await stores[0]!.readStream('visit-1')).toHaveLength(20);
  });
});

describe('immutability', () => {
  const changes = (): [string, string][] => [
    ['update', `update ${schema}.events set data = '{}'`],
    ['delete', `delete from ${schema}.events`],
    ['truncate', `truncate ${schema}.events`],
  ];

  test('the application may not change, remove or slip in an event', async () => {
    const store = await openEmpty();
    await store.append('visit-1', [charge('a')], 'none');
    await connected(async (client) => {
      await client.query(`set role ${APP_ROLE}`);
      const slipIn = [
        'insert',
        `insert into ${schema}.events select position + 1, stream, revision + 1, 'b', ` +
          `type, data, metadata, recorded_at, hash from ${schema}.events`,
      ] as [string, string];
      for (const [, statement] of [...changes(), slipIn])
        await expect(client.query(statement)).rejects.toMatchObject({
          code: '42501',
          message: expect.stringContaining('permission denied'),
        });
      for (const statement of [
        `drop table ${schema}.events`,
        `alter table ${schema}.events disable trigger events_immutable`,
      ]) {
        await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
      }
    });
  });

  test('the store itself connects as the role that may only read and append', async () => {
    const store = await openEmpty();
    await store.append('visit-1', [charge('a')], 'none');
    const pools = store as unknown as { readonly writers: Client; readonly readers: Client };
    for (const pool of [pools.writers, pools.readers]) {
      expect((await pool.query('select current_user')).rows).toEqual([{ current_user: APP_ROLE }]);
    }
  });

  test('even the owner is refused', async () => {
    const store = await openEmpty();
    await store.append('visit-1', [charge('a')], 'none');
    await connected(async (client) => {
      for (const [verb, statement] of changes())
        await expect(client.query(statement)).rejects.toThrow(
          `events are immutable: ${verb.toUpperCase()} refused`,
        );
      await client.query('set session_replication_role = replica');
      for (const [, statement] of changes())
        await expect(client.query(statement)).rejects.toThrow('events are immutable');
    });
    expect(await store.readStream('visit-1')).toHaveLength(1);
  });
});

describe('the audit chain', () => {
  const filled = async (): Promise<PgEventStore> => {
    const store = await openEmpty();
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        store.append(
          `visit-${index}`,
          [charge(`a-${index}`, { note: '挂号' }), charge(`b-${index}`)],
          'none',
        ),
      ),
    );
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        store.append(`visit-${index}`, [charge(`c-${index}`)], 1),
      ),
    );
    return store;
  };

  test('verifies from the first event', async () => {
    const store = await filled();
    const progress: number[] = [];
    expect(await store.verifyAll({ progress: (events) => progress.push(events) })).toMatchObject({
      events: 90,
      streams: 30,
      faults: [],
      head: 90n,
    });
    expect(progress.at(-1)).toBe(90);
    expect(await store.verifyStream('visit-7')).toEqual({ events: 3, streams: 1, faults: [] });
  });

  test.each([
    ['data', `data = '{"note":"挂号2"}'`],
    ['metadata', `metadata = '{"source":"x"}'`],
    ['type', `type = 'ChargeNotDeferred'`],
    ['id', `id = 'other'`],
    ['time', `recorded_at = recorded_at + interval '1 ms'`],
    ['hash', `hash = sha256(hash)`],
  ])('finds a changed %s', async (_what, change) => {
    const store = await filled();
    await tamper(`update ${schema}.events set ${change} where stream = 'visit-3' and revision = 1`);
    const { faults } = await store.verifyAll();
    expect(faults[0]).toMatchObject({ kind: 'content', stream: 'visit-3', revision: 1 });
    expect((await store.verifyStream('visit-3')).faults).not.toEqual([]);
    expect((await store.verifyStream('visit-4')).faults).toEqual([]);
  });

  test('finds an event that was dropped from the middle or the end of a stream', async () => {
    const store = await filled();
    const last = (await store.readStream('visit-5')).at(-1)!;
    await store.append('visit-6', [charge('later')], 2);
    await tamper(
      `delete from ${schema}.events where (stream = 'visit-3' and revision = 1) or position = ${last.position}`,
    );
    const { faults } = await store.verifyAll();
    expect(faults).toContainEqual(
      expect.objectContaining({ kind: 'gap', stream: 'visit-3', revision: 2 }),
    );
    // The end of a stream leaves its chain whole, but not the order of all.
    expect((await store.verifyStream('visit-5')).faults).toEqual([]);
    expect(faults).toContainEqual(
      expect.objectContaining({ kind: 'gap', position: last.position + 1n }),
    );
  });

  test('finds two events of a stream that changed places', async () => {
    const store = await filled();
    await tamper(`update ${schema}.events set revision = revision + 10 where stream = 'visit-3' and revision < 2;
      update ${schema}.events set revision = 11 - revision where stream = 'visit-3' and revision >= 10`);
    expect((await store.verifyStream('visit-3')).faults.map(({ kind }) => kind)).toContain(
      'content',
    );
  });

  test('finds an event that was moved to another stream', async () => {
    const store = await filled();
    await tamper(
      `update ${schema}.events set stream = 'visit-99' where stream = 'visit-3' and revision = 0`,
    );
    expect((await store.verifyStream('visit-99')).faults).toMatchObject([{ kind: 'content' }]);
  });

  test('finds a tail that was cut off, by the seal that was kept', async () => {
    const store = await filled();
    const kept = await store.verifyAll();
    await store.append('visit-1', [charge('later')], 2);
    expect(await store.verifyAll({ until: kept.head })).toMatchObject({
      seal: kept.seal,
      head: kept.head,
    });
    await tamper(`delete from ${schema}.events where position >= ${kept.head}`);
    const after = await store.verifyAll({ until: kept.head });
    expect(after.seal).not.toBe(kept.seal);
  });
});

describe('troubles', () => {
  test.each([1, 3])(
    'a second writer at the next position delays appends of %d streams, and fails none',
    async (streams) => {
      const store = await openEmpty();
      await store.append('visit-1', [charge('a')], 'none');
      await connected(async (other) => {
        await other.query('begin');
        await other.query(
          `insert into ${schema}.events select position + 1, 'visit-x', 0, 'x', type, data, metadata,
             recorded_at, hash from ${schema}.events`,
        );
        const appended = Promise.all(
          Array.from({ length: streams }, (_, index) =>
            store.append(`visit-2${index}`, [charge('b')], 'none'),
          ),
        );
        await sleep(200);
        await other.query('commit');
        expect(await appended).toMatchObject(
          Array.from({ length: streams }, () => ({ revision: 0 })),
        );
      });
    },
  );

  test('an id that the stream holds at another place is refused, and nobody else of its batch is', async () => {
    const store = await openEmpty();
    await store.append('visit-1', [charge('a'), charge('b')], 'none');
    const results = await Promise.allSettled([
      store.append('visit-2', [charge('x')], 'none'),
      store.append('visit-1', [charge('a')], 1),
      store.append('visit-3', [charge('y')], 'none'),
      store.append('visit-1', [charge('c'), charge('b')], 1),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ]);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(EventIdTaken);
    expect(await store.head()).toBe(4n);
  });

  test('connections that are cut under load lose nothing and repeat nothing', async () => {
    const store = await openEmpty();
    const seen: string[] = [];
    store.subscribe(
      { after: 0n, batchSizeMax: 20 },
      async (batch) => void seen.push(...batch.map(({ id }) => id)),
    );
    const sent = Array.from({ length: 400 }, (_, index) => `e-${index}`);
    const appends = sent.map(
      async (id, index) => (
        await sleep(index),
        store.append(`visit-${index}`, [charge(id)], 'none')
      ),
    );
    await connected(async (client) => {
      for (let cut = 0; cut < 4; cut += 1) {
        await sleep(80);
        await client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = ` +
            `current_database() and pid <> pg_backend_pid()`,
        );
      }
    });
    await Promise.all(appends);
    const all = await store.readAll({ after: 0n, countMax: 1_000 });
    expect(all.map(({ id }) => id).sort()).toEqual([...sent].sort());
    while (seen.length < all.length) await sleep(10);
    expect(seen).toEqual(all.map(({ id }) => id));
  });

  test('a database that cannot be reached is said in clear words, in time', async () => {
    schema = 'nowhere';
    const store = new PgEventStore({
      keys: TWIN_KEYS,
      url: 'postgres://nobody@127.0.0.1:1/nowhere',
      schema,
      deadlineMs: 300,
    });
    const refusal = await store
      .append('visit-1', [charge('a')], 'none')
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      name: 'EventStoreUnavailable',
      cause: { code: 'ECONNREFUSED' },
    });
    await store.close();
  });

  test('migrating again, and from several processes at once, changes nothing', async () => {
    const store = await openEmpty();
    await store.append('visit-1', [charge('a')], 'none');
    await Promise.all([store.migrate(), open().migrate(), open().migrate()]);
    expect(await store.readStream('visit-1')).toHaveLength(1);
  });

  test('reading goes on after all connections were cut', async () => {
    const store = await openEmpty();
    await store.append('visit-1', [charge('a')], 'none');
    for (let cut = 0; cut < 3; cut += 1) {
      await connected((client) =>
        client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = ` +
            `current_database() and pid <> pg_backend_pid()`,
        ),
      );
      expect(await store.readStream('visit-1')).toHaveLength(1);
    }
  });

  test('a handler may still append while its store closes', async () => {
    const store = await openEmpty();
    await store.append('visit-1', [charge('a')], 'none');
    let answer: unknown;
    await new Promise<void>((started) => {
      store.subscribe({ after: 0n }, async () => {
        started();
        await sleep(50);
        answer = await store.append('visit-2', [charge('b')], 'none');
      });
    });
    await store.close();
    expect(answer).toMatchObject({ revision: 0 });
  });

  test('closing waits for the appends in hand', async () => {
    const store = await openEmpty();
    const appends = Array.from({ length: 50 }, (_, index) =>
      store.append(`visit-${index}`, [charge(`e-${index}`)], 'none'),
    );
    await Promise.resolve();
    await store.close();
    expect(await Promise.all(appends)).toHaveLength(50);
    await expect(store.append('visit-1', [charge('late')], 'none')).rejects.toThrow(
      'a closed event store is not used',
    );
  });
});

describe('an application that is not the owner', () => {
  test('is let in by the migration, and can append and read', async () => {
    schema = `ledger_${(schemas += 1)}`;
    const login = `app_${process.pid}_${schemas}`;
    await connected((client) => client.query(`create role ${login} login password 'secret'`));
    const url = new URL(database.url);
    url.username = login;
    url.password = 'secret';
    const store = new PgEventStore({
      keys: TWIN_KEYS,
      url: url.href,
      ownerUrl: database.url,
      schema,
    });
    await store.migrate();
    await store.append('visit-1', [charge('a')], 'none');
    expect(await store.readStream('visit-1')).toHaveLength(1);
    await store.close();
    await connected((client) => client.query(`drop role ${login}`));
  });
});

test('an append reads its streams by index, though statistics call the log empty', async () => {
  const store = await openEmpty();
  await connected((client) => client.query(`analyze ${schema}.events`));
  const appends = 40;
  for (let n = 0; n < appends; n += 1)
    await store.append(`visit-${n}`, [charge(`${n}-a`), charge(`${n}-b`)], 'none');
  for (let n = 0; n < appends; n += 1) await store.append(`visit-${n}`, [charge(`${n}-c`)], 1);
  const read = async (): Promise<{ written: number; scanned: number }> => {
    const { rows } = await connected((client) =>
      client.query<{ written: number; scanned: number }>(
        `select n_tup_ins::int as written, seq_tup_read::int as scanned
         from pg_stat_user_tables where schemaname = $1 and relname = 'events'`,
        [schema],
      ),
    );
    return rows[0]!;
  };
  // A session reports what it did once it ends.
  await opened.pop()!.close();
  for (let at = await read(); at.written < 3 * appends; at = await read()) await sleep(100);
  expect((await read()).scanned).toBeLessThanOrEqual(3 * appends);
});

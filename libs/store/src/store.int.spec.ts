import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { TypeOrmStore } from './typeorm-store';
import { Holds1740000000000 } from '../test/holds-migration';
import { holdNotesTable, holdsTable, noteWordsTable, partsTable } from '../test/holds';
import { storeSuite } from '../test/store.suite';
import { withinSuite } from '../test/store-within.suite';
import { narrowRoleOf } from './within';
import { testDatabase, type TestDatabase } from '@caretab/doubles';

let database: TestDatabase;
let count = 0;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

const open = (schema: string, onProgress?: (line: string) => void) =>
  TypeOrmStore.open({
    url: database.url,
    schema,
    tables: [holdsTable],
    migrations: [Holds1740000000000],
    onProgress,
  });

storeSuite('TypeOrmStore', () => open(`store-${++count}`));

/** A service that owns nothing, and its narrow role; roles are the server's, so each has a name of its own. */
const openWithRoles = async (): Promise<TypeOrmStore> => {
  const schema = `narrow-${++count}`;
  const service = `${new URL(database.url).pathname.slice(1)}_${schema}`;
  const owner = `${service}_owner`;
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const as = (role: string): string => `create role "${role}" login password 'p'`;
  await client.query(`
    ${as(owner)}; ${as(service)}; create role "${narrowRoleOf(service)}" nologin;
    grant "${narrowRoleOf(service)}" to "${service}";
    grant create on database "${new URL(database.url).pathname.slice(1)}" to "${owner}"`);
  await client.end();
  const signedIn = (role: string): string =>
    Object.assign(new URL(database.url), { username: role, password: 'p' }).href;
  const options = {
    ...{
      url: signedIn(service),
      ownerUrl: signedIn(owner),
      schema,
      tables: [holdsTable, partsTable, holdNotesTable, noteWordsTable],
    },
    migrations: [Holds1740000000000],
  };
  await (await TypeOrmStore.open(options)).close();
  // Again, as a second process opens it.
  return TypeOrmStore.open(options);
};
withinSuite('TypeOrmStore', openWithRoles);

describe('TypeOrmStore on PostgreSQL', () => {
  const row = (visitId: string) => ({
    visitId,
    line: 1,
    amountFen: 1,
    status: 'held',
    reference: null,
    expiresAt: new Date(0),
    reasons: [],
    seal: null,
  });

  test('migrates once, whoever opens it, and keeps what it holds', async () => {
    const lines: string[] = [];
    const stores = await Promise.all(
      [1, 2, 3].map(() => open('shared', (line) => lines.push(line))),
    );
    await stores[0]!.transact((transaction) => transaction.rows(holdsTable).insert(row('v1')));
    expect(await stores[2]!.transact((transaction) => transaction.rows(holdsTable).count({}))).toBe(
      1,
    );
    expect(lines.filter((line) => line.includes('Holds1740000000000'))).toHaveLength(1);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('runs a transaction again that lost a deadlock', async () => {
    const store = await open('deadlock');
    await store.transact((transaction) =>
      transaction.rows(holdsTable).insert(row('v1'), row('v2')),
    );
    const lockBoth = (first: string, second: string) =>
      store.transact(async (transaction) => {
        await transaction.rows(holdsTable).get({ visitId: first }, { lock: 'wait' });
        await sleep(50);
        const other = (await transaction
          .rows(holdsTable)
          .get({ visitId: second }, { lock: 'wait' }))!;
        await transaction.rows(holdsTable).save({ ...other, amountFen: other.amountFen + 1 });
      });
    await Promise.all([lockBoth('v1', 'v2'), lockBoth('v2', 'v1')]);
    const rows = await store.transact((transaction) => transaction.rows(holdsTable).find({}));
    expect(rows.map(({ amountFen }) => amountFen)).toEqual([2, 2]);
    await store.close();
  });

  test('leaves out the rows that another transaction holds, and does not wait for them', async () => {
    const store = await open('skip');
    await store.transact((transaction) =>
      transaction.rows(holdsTable).insert(row('v1'), row('v2')),
    );
    await store.transact(async (transaction) => {
      await transaction.rows(holdsTable).get({ visitId: 'v1' }, { lock: 'wait' });
      const other = await open('skip');
      const free = await other.transact((second) =>
        second.rows(holdsTable).find({}, { lock: 'skip' }),
      );
      expect(free.map(({ visitId }) => visitId)).toEqual(['v2']);
      await other.close();
    });
    await store.close();
  });

  test('loses no message whose id is lower than one that was already published', async () => {
    const store = await open('late');
    const publish = (key: string, durationMs: number) =>
      store.transact(async (transaction) => {
        transaction.publish({ topic: 't', key, headers: {}, value: null });
        await sleep(durationMs);
      });
    const published: string[] = [];
    const relay = async () => {
      const waiting = await store.unpublished(5);
      await store.markPublished(waiting.map(({ id }) => id));
      published.push(...waiting.map(({ key }) => key));
    };
    let open_ = true;
    const relaying = (async () => {
      while (open_) await relay();
      await relay();
    })();
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => publish(`k${index}`, (index * 7) % 20)),
    );
    open_ = false;
    await relaying;
    while ((await store.unpublished(1)).length > 0) await relay();
    expect([...published].sort()).toEqual(
      Array.from({ length: 40 }, (_, index) => `k${index}`).sort(),
    );
    await store.close();
  });

  test('tells the time of the database, to the millisecond', async () => {
    const store = await open(`store-${++count}`);
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const asked = async (): Promise<number> =>
      (await client.query('select clock_timestamp() as now')).rows[0].now.getTime();
    const [before, now, after] = [await asked(), (await store.now()).getTime(), await asked()];
    expect(before).toBeLessThanOrEqual(now);
    expect(now).toBeLessThanOrEqual(after);
    await client.end();
    await store.close();
  });

  test('goes on after its connections were cut', async () => {
    const store = await open('cut');
    const count = () => store.transact((transaction) => transaction.rows(holdsTable).count({}));
    await Promise.all([count(), count()]);
    const other = new Client({ connectionString: database.url });
    await other.connect();
    await other.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'caretab-cut'`,
    );
    await other.end();
    await sleep(100);
    expect(await count()).toBe(0);
    await store.close();
  });

  test('says what the database refused, without the values', async () => {
    const store = await open('refused');
    const broken = store.transact((transaction) =>
      transaction.rows(holdsTable).insert({ ...row('v1'), amountFen: '张三' as never }),
    );
    await expect(broken).rejects.toMatchObject({
      name: 'QueryFailed',
      code: '22P02',
      message: expect.not.stringContaining('张三') as string,
    });
    await store.close();
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { testDatabase, type TestDatabase, type Wire, wireTo } from '@caretab/doubles';
import { Client } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { table, textColumn, TypeOrmStore } from '.';

const saleTable = table<{ saleId: string }>({
  name: 'sale',
  columns: { saleId: textColumn('sale_id', { primary: true }) },
});
class Sale1740000000000 implements MigrationInterface {
  up = async (runner: QueryRunner): Promise<void> =>
    void (await runner.query('create table sale (sale_id text primary key)'));
  down = async (runner: QueryRunner): Promise<void> => void (await runner.query('drop table sale'));
}

let database: TestDatabase;
let wire: Wire;
let store: TypeOrmStore;

beforeAll(async () => {
  database = await testDatabase();
  wire = await wireTo(database.url);
  // As short as the deadlines may be: a statement of 400 ms, a silent server of 400 ms and two
  // seconds.
  store = await TypeOrmStore.open({
    url: wire.through(database.url),
    schema: 'shop',
    tables: [saleTable],
    migrations: [Sale1740000000000],
    poolMax: 2,
    statementTimeoutMs: 400,
    connectTimeoutMs: 1_000,
  });
});
afterAll(async () => {
  await store.close();
  await wire.close();
  await database.drop();
});

const sell = (saleId: string, meanwhile: () => unknown = () => undefined): Promise<boolean> =>
  store.transact(async (transaction) => {
    const isNew = await transaction.rows(saleTable).insertIfAbsent({ saleId });
    await meanwhile();
    return isNew;
  });
const sold = (): Promise<string[]> =>
  store.transact(async (transaction) =>
    (await transaction.rows(saleTable).find({}, { orderBy: 'saleId' })).map(({ saleId }) => saleId),
  );
const unavailable = expect.objectContaining({ code: 'DATABASE_UNAVAILABLE', kind: 'unavailable' });

test('a commit whose answer is lost took place, and the same again finds that out', async () => {
  wire.loseAnswerTo('COMMIT');
  await expect(sell('a1')).rejects.toEqual(unavailable);
  expect(await sell('a1')).toBe(false);
  expect(await sold()).toEqual(['a1']);
});

test(
  'a database that falls silent in the middle hangs nobody, and nobody is given ' +
    'its connections afterwards',
  async () => {
    const both = await Promise.allSettled(
      ['b1', 'b2'].map((saleId) => sell(saleId, () => wire.silence())),
    );
    expect(both).toEqual([
      expect.objectContaining({ reason: unavailable }),
      expect.objectContaining({ reason: unavailable }),
    ]);
    await expect(sold()).rejects.toEqual(unavailable); // A new connection hears nothing either.
    wire.mend();
    expect(await sold()).toEqual(['a1']);
    expect(await Promise.all(['b1', 'b2'].map((saleId) => sell(saleId)))).toEqual([true, true]);
  },
);

test('a connection that ends between two statements ends its transaction as an outage', async () => {
  const cut = async (): Promise<void> => {
    const other = new Client({ connectionString: database.url });
    await other.connect();
    await other.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'caretab-shop'",
    );
    await other.end();
    await sleep(50);
  };
  await expect(sell('c1', cut)).rejects.toEqual(unavailable);
  expect(await sold()).toEqual(['a1', 'b1', 'b2']);
});

test('a statement that waits too long for a lock is given up, and the transaction with it', async () => {
  let letGo = (): void => undefined;
  let isHeld = (): void => undefined;
  const held = new Promise<void>((resolve) => (isHeld = resolve));
  const holding = store.transact(async (transaction) => {
    await transaction.rows(saleTable).get({ saleId: 'a1' }, { lock: 'wait' });
    isHeld();
    await new Promise<void>((resolve) => (letGo = resolve));
  });
  await held;
  await expect(
    store.transact((transaction) =>
      transaction.rows(saleTable).get({ saleId: 'a1' }, { lock: 'wait' }),
    ),
  ).rejects.toMatchObject({ name: 'QueryFailed', code: '57014' });
  letGo();
  await holding;
});

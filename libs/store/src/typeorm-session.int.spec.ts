import { testDatabase, type TestDatabase, type Wire, wireTo } from '@caretab/doubles';
import type { PoolClient } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { table, textColumn, type TransactOptions, TypeOrmStore, UniqueViolation } from '.';
import { Session } from './typeorm-session';

const goods = (name: string) =>
  table<{ id: string }>({ name, columns: { id: textColumn('id', { primary: true }) } });
const [apples, pears] = [goods('apple'), goods('pear')];
class Goods1740000000000 implements MigrationInterface {
  up = async (runner: QueryRunner): Promise<void> => {
    for (const name of ['apple', 'pear'])
      await runner.query(`create table ${name} (id text primary key)`);
  };
  down = async (): Promise<void> => undefined;
}

let database: TestDatabase;
let wire: Wire;
let store: TypeOrmStore;
beforeAll(async () => {
  database = await testDatabase();
  wire = await wireTo(database.url);
  store = await TypeOrmStore.open({
    url: wire.through(database.url),
    schema: 'market',
    tables: [apples, pears],
    migrations: [Goods1740000000000],
    poolMax: 1,
  });
});
afterAll(async () => {
  await store.close();
  await wire.close();
  await database.drop();
});

const buy = (id: string, options?: TransactOptions): Promise<void> =>
  store.transact(async (transaction) => {
    await transaction.rows(apples).lockAll([{ id: `${id}-none` }]);
    await transaction.rows(pears).insert({ id });
    await transaction.rows(apples).insert({ id: 'first' }, { id });
  }, options);
const bought = (): Promise<string[]> =>
  store.transact(async (transaction) =>
    (await transaction.rows(pears).find({}, { orderBy: 'id' })).map(({ id }) => id),
  );

test('a transaction begins with its first statement and ends with its last ones', async () => {
  await buy('a1');
  await store.transact((transaction) => transaction.rows(apples).delete({ id: 'first' }));
  const before = wire.sentWrites;
  await buy('a2');
  expect(wire.sentWrites - before).toBe(2);
  expect(await bought()).toEqual(['a1', 'a2']);
});

test.each<TransactOptions>([{}, { commit: 'asynchronous' }])(
  'a last statement that fails undoes those that went out with it: %j',
  async (options) => {
    await expect(buy('a3', options)).rejects.toBeInstanceOf(UniqueViolation);
    expect(await bought()).toEqual(['a1', 'a2']);
    // The connection, which is the only one, is in no transaction.
    await store.transact((transaction) => transaction.rows(pears).insert({ id: 'a4' }));
    await store.transact((transaction) => transaction.rows(pears).delete({ id: 'a4' }));
  },
);

test.each([
  ['that writes is not sent', 'insert into apple values (1)', ['START TRANSACTION']],
  ['that locks fails with it', 'select 1 for update', ['START TRANSACTION', 'select 1 for update']],
])('after a beginning that fails a first statement %s', async (_what, text, sent) => {
  const texts: string[] = [];
  const client = {
    connection: { stream: { cork: () => undefined, uncork: () => undefined } },
    getTransactionStatus: () => 'I',
    query: async (asked: string | { readonly text: string }) => {
      texts.push(typeof asked === 'string' ? asked : asked.text);
      if (asked === 'START TRANSACTION') throw new Error('canceled');
      return { rows: [] };
    },
  };
  const session = new Session(client as unknown as PoolClient);
  const both = [session.run(text, []), session.run('insert into apple values (2)', [])];
  for (const one of await Promise.allSettled(both)) expect(one.status).toBe('rejected');
  const last = { writes: true, ask: () => [session.run('insert into apple values (3)', [])] };
  await expect(session.commit(last, {})).rejects.toThrow('canceled');
  expect(texts).toEqual(sent);
});

test('what the driver may refuse to send holds the commit back', async () => {
  const texts: string[] = [];
  const client = {
    connection: { stream: { cork: () => undefined, uncork: () => undefined } },
    getTransactionStatus: () => 'T',
    query: (asked: string | { readonly text: string }) => {
      texts.push(typeof asked === 'string' ? asked : asked.text);
      return Promise.resolve({ rows: [] });
    },
  };
  const session = new Session(client as unknown as PoolClient);
  await session.run('first', [{}]);
  const last = { writes: true, ask: () => [session.run('last', [{}])] };
  await expect(session.commit(last, {})).rejects.toThrow('plain values');
  await session.rollback();
  expect(texts).toEqual(['START TRANSACTION', 'first', 'last', 'ROLLBACK']);
});

import { MessagingTables1 } from '@caretab/messaging';
import { type Store, TypeOrmStore } from '@caretab/postgres';
import { type TestDatabase, testDatabase } from '@caretab/testing';
import { Client } from 'pg';
import { credit } from '../index';
import { expectEntriesToTell, lineSuite, visitOf, World } from './holds.suite';

let database: TestDatabase;
let schemas = 0;
const stores: Store[] = [];
const open = async (): Promise<Store> => {
  const store = await TypeOrmStore.open({ url: database.url, schema: `credit_${++schemas}`, tables: credit.tables, migrations: [MessagingTables1, ...credit.migrations], poolMax: 10 });
  stores.push(store);
  return store;
};

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await database.drop();
});

describe('the line on PostgreSQL', () => lineSuite(open));

test('no two batches ever deadlocked', async () => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ deadlocks: string }>('select pg_stat_force_next_flush(), deadlocks from pg_stat_database where datname = current_database()');
    expect(rows[0]!.deadlocks).toBe('0');
  } finally {
    await client.end();
  }
});

test('a visit goes from its hold to its settlement on PostgreSQL', async () => {
  const world = new World(await open());
  const person = await world.enrolled('a');
  await world.opens(person, 'v');
  await world.asks(person, 'v', 25_000, 40_000);
  await world.adjudicated(person, 'v', 30_000);
  await world.misses(person, 'v', 30_000);
  await world.settled(person, 'v', 30_000);
  expect(await world.account(person)).toMatchObject({ heldFen: 0, outstandingFen: 0, frozenReason: null });
  expect((await world.published()).map(({ type }) => type)).toEqual(['ServiceOpened', 'CreditAuthorized', 'HoldIncreased', 'HoldReleased', 'AccountFrozen', 'AccountUnfrozen']);
  await expectEntriesToTell(world, person);
  expect(await world.enrolments.show(person, 3)).toMatchObject({ enrolment: 'open', availableFen: 100_000, entries: [{ sequence: 2 }, { sequence: 1 }] });
  expect(await world.accounts.summary()).toMatchObject({ accounts: 1, heldFen: 0, lineFen: 100_000 });
});

test('holds past their time are said to be expired once, by whichever process looks first', async () => {
  const world = new World(await open());
  const person = await world.enrolled('a', 700);
  for (let index = 0; index < 20; index++) await world.opens(person, `v${index}`);
  await world.published();
  world.clock.advance(49 * 3_600_000);
  await Promise.all(Array.from({ length: 5 }, () => world.expiry.runOnce()));
  const told = await world.published();
  expect(told.map(({ data }) => data.visitId).sort()).toEqual(Array.from({ length: 20 }, (_, index) => visitOf(`v${index}`)).sort());
});

test('the database refuses to change, delete or truncate an entry', async () => {
  const world = new World(await open());
  await world.enrolled('a');
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    for (const statement of ['update credit_%.entry set held_fen = 0', 'delete from credit_%.entry', 'truncate credit_%.entry']) {
      await expect(client.query(statement.replace('%', String(schemas)))).rejects.toThrow('entries are only ever added');
    }
  } finally {
    await client.end();
  }
});

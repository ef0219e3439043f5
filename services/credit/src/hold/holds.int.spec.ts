import { messagingMigrations, parkedTable } from '@caretab/bus';
import { type Store, TypeOrmStore } from '@caretab/store';
import { type TestDatabase, testDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { credit } from '..';
import { holdTable } from './hold.table';
import { arrearsSuite } from '../../test/arrears.suite';
import { deathsSuite } from '../../test/deaths.suite';
import { closingSuite } from '../../test/closing.suite';
import { revocationsSuite } from '../../test/revocations.suite';
import { writeOffsSuite } from '../../test/write-offs.suite';
import { expectEntriesToExplain, lineSuite, visitOf, CreditFixture } from '../../test/holds.suite';

let database: TestDatabase;
let schemas = 0;
const stores: Store[] = [];
/** On rows of its own; a second instance of the service sees those of the first. */
const open = async (schema = ++schemas): Promise<Store> => {
  const store = await TypeOrmStore.open({
    url: database.url,
    schema: `credit_${schema}`,
    tables: [parkedTable, ...credit.tables],
    migrations: [...messagingMigrations, ...credit.migrations],
    poolMax: 10,
  });
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

describe('a closing for an erasure on PostgreSQL', () => {
  closingSuite(() => open(), 40);
});

describe('consents that are taken back, on PostgreSQL', () => {
  revocationsSuite(() => open());
});

describe('deaths on PostgreSQL', () => {
  deathsSuite(() => open());
});

describe('arrears on PostgreSQL', () => {
  arrearsSuite(() => open());
  writeOffsSuite(() => open());
});

describe('the line on PostgreSQL', () => {
  lineSuite(() => open());

  test('two hundred callers race for the last fen of one line and never exceed it', async () => {
    const worlds = [
      new CreditFixture(await open(), 'here'),
      new CreditFixture(await open(schemas), 'there'),
    ] as const;
    const [here] = worlds;
    const guardian = await here.enrolled('guardian'); // A line of 100 000 fen.
    const child = await here.registered('child', true);
    await here.guardian(child, guardian);
    await here.enrolments.open(child);
    for (const name of ['v0', 'v1', 'v2', 'v3', 'v4']) await here.opens(guardian, name);
    await here.adjudicated(guardian, 'v4', 19_999);
    const before = await here.account(guardian);
    expect([before.lineFen - before.heldFen - before.outstandingFen, before.entryCount]).toEqual([
      1, 7,
    ]);
    await here.published();

    // Every connection is open, so that the first caller is not the only one for a while.
    await Promise.all(
      worlds.flatMap(({ store }) =>
        Array.from({ length: 10 }, () =>
          store.transact((transaction) => transaction.rows(holdTable).count({})),
        ),
      ),
    );
    // Two instances with ten connections each: first holds, larger holds, singly and in batches, of
    // the guardian and of the child.
    const callers = Array.from({ length: 100 }, (_, index) =>
      worlds.map((world, instance) => {
        const caller = `c${instance}.${index}`;
        if (index % 4 === 0) return world.opens(index % 8 === 0 ? child : guardian, caller);
        if (index % 4 === 1)
          return world.asks(guardian, `v${(index >> 2) % 4}`, 20_001, 20_001, caller);
        return world.handleBatch([
          index % 4 === 2
            ? world.opened(guardian, caller)
            : world.asked(guardian, `v${(index >> 2) % 4}`, 20_001, caller),
        ]);
      }),
    ).flat();
    expect(callers).toHaveLength(200);
    await Promise.all(callers);

    const account = await here.account(guardian);
    expect(account.heldFen + account.outstandingFen).toBe(account.lineFen);
    expect(account.entryCount).toBe(before.entryCount + 1);
    await expectEntriesToExplain(here, guardian);
    const answers = (await here.published()).filter(
      ({ topic }) => topic === 'credit.authorizations',
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(200);
    const granted = answers.filter(
      ({ type }) => type === 'CreditAuthorized' || type === 'HoldIncreased',
    );
    // One visit got it. If that one asked for more, it gets that answer each time.
    expect(new Set(granted.map(({ data }) => data.visitId)).size).toBe(1);
    expect(new Set(granted.map(({ type, data }) => `${type} ${data.heldFen}`))).toEqual(
      new Set([
        granted[0]!.type === 'CreditAuthorized' ? 'CreditAuthorized 1' : 'HoldIncreased 20001',
      ]),
    );
    expect(answers.filter(({ data }) => data.reason === 'OVER_LINE')).toHaveLength(
      200 - granted.length,
    );
    const holds = await here.store.transact((transaction) =>
      transaction.rows(holdTable).find({ accountPersonId: guardian }),
    );
    expect(holds.reduce((sum, hold) => sum + hold.heldFen, 0)).toBe(account.heldFen);
  });
});

test('no two batches ever deadlocked', async () => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ deadlocks: string }>(
      'select pg_stat_force_next_flush(), deadlocks from pg_stat_database where datname = current_database()',
    );
    expect(rows[0]!.deadlocks).toBe('0');
  } finally {
    await client.end();
  }
});

test('a visit goes from its hold to its settlement on PostgreSQL', async () => {
  const world = new CreditFixture(await open());
  const person = await world.enrolled('a');
  await world.opens(person, 'v');
  await world.asks(person, 'v', 25_000, 40_000);
  await world.adjudicated(person, 'v', 30_000);
  await world.misses(person, 'v', 30_000);
  await world.settled(person, 'v', 30_000);
  expect(await world.account(person)).toMatchObject({
    heldFen: 0,
    outstandingFen: 0,
    frozenReason: null,
  });
  expect((await world.published()).map(({ type }) => type)).toEqual([
    'ServiceOpened',
    'CreditAuthorized',
    'HoldIncreased',
    'HoldReleased',
    'AccountFrozen',
    'AccountUnfrozen',
  ]);
  await expectEntriesToExplain(world, person);
  expect(await world.enrolments.show(person, 3)).toMatchObject({
    enrolment: 'open',
    availableFen: 100_000,
    entries: [{ sequence: 2 }, { sequence: 1 }],
  });
  expect(await world.accounts.summary()).toMatchObject({
    accounts: 1,
    heldFen: 0,
    lineFen: 100_000,
  });
});

test('holds past their time are said to be expired once, by whichever process looks first', async () => {
  const world = new CreditFixture(await open());
  const person = await world.enrolled('a', 700);
  for (let index = 0; index < 20; index++) await world.opens(person, `v${index}`);
  await world.published();
  world.clock.advance(49 * 3_600_000);
  await Promise.all(Array.from({ length: 5 }, () => world.expiry.runOnce()));
  const told = await world.published();
  expect(told.map(({ data }) => data.visitId).sort()).toEqual(
    Array.from({ length: 20 }, (_, index) => visitOf(`v${index}`)).sort(),
  );
});

test('the database refuses to change, delete or truncate an entry', async () => {
  const world = new CreditFixture(await open());
  await world.enrolled('a');
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    for (const statement of [
      'update credit_%.entry set held_fen = 0',
      'delete from credit_%.entry',
      'truncate credit_%.entry',
    ]) {
      await expect(client.query(statement.replace('%', String(schemas)))).rejects.toThrow(
        'entries are only ever added',
      );
    }
  } finally {
    await client.end();
  }
});

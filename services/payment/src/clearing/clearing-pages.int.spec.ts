import { join } from 'node:path';
import { FromSource, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { clearingSuite } from '../../test/clearing.suite';
import { AFTER_THE_DAY, type Place } from '../../test/clearing-process';
import { PERSON, till } from '../../test/till';
import { payment } from '..';

const DAY = '2026-03-02';
let database: TestDatabase;
let schemas = 0;
/** Closed after each test, also after one that failed: an open pool keeps the run from ending. */
const opened: TypeOrmStore[] = [];

beforeAll(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});
afterAll(async () => {
  await database?.drop();
});

const openStore = async (): Promise<TypeOrmStore> => {
  const { tables, migrations } = payment;
  const schema = `payment_${(schemas += 1)}`;
  const store = await TypeOrmStore.open({
    ...{ url: database.url, schema, poolMax: 4, tables, migrations },
  });
  opened.push(store);
  return store;
};

clearingSuite(openStore);

const clearingProcess = (standsAt: number): FromSource => {
  const place: Place = { url: database.url, schema: `payment_${schemas}`, standsAt };
  return new FromSource(join(__dirname, '../../test/clearing-process.ts'), {
    args: [JSON.stringify(place), DAY],
  });
};

test('processes that are killed within a page leave the pages before it; the next one ends the day', async () => {
  const { accounts, adjudicate, clock, clearings, payments, store, workThrough } = till({
    store: await openStore(),
  });
  await accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
  for (const number of [1, 2, 3, 4, 5, 6, 7]) await adjudicate({ visitId: `H1-${number}` });
  await workThrough(2);
  clock.set(AFTER_THE_DAY);
  // Is the day cleared, its beginning, a page that is committed, and one that is not.
  for (const standsAt of [4, 4]) {
    const process = clearingProcess(standsAt);
    expect(await process.tells()).toBe('stands still');
    await process.killHard();
    await expect(clearings.get(DAY)).rejects.toMatchObject({ code: 'CLEARING_UNFINISHED' });
    expect(await store.unpublished(100)).not.toContainEqual(
      expect.objectContaining({ topic: 'payment.clearing' }),
    );
  }
  const last = clearingProcess(0);
  const cleared = await clearings.clear(DAY);
  expect(cleared).toMatchObject({ visits: 7, balanceFen: 0 });
  expect(JSON.parse(await last.tells())).toEqual(JSON.parse(JSON.stringify(cleared)));
  expect((await payments.summary()).trialBalance.differenceFen).toBe(0);
});

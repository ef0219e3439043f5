import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { PERSON, till } from '../../test/till';
import { payment } from '..';

let database: TestDatabase;
let store: TypeOrmStore;
const DAY = '2026-03-02';

beforeAll(async () => {
  database = await testDatabase();
  const place = { url: database.url, schema: 'payment', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: payment.migrations.slice(0, 9),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('set search_path = payment');
  await client.query(
    `insert into clearing (clearing_id, business_date, visits, cleared_at, payout)
     values ('clearing-${DAY}', '${DAY}', 1, now(), 'open')`,
  );
  for (const [party, partyId, fen] of [
    ['institution', 'H1', 100],
    ['insurer', 'employee', -100],
  ])
    await client.query(
      `insert into clearing_line (clearing_id, visit_id, party, party_id, amount_fen, booked_on)
       values ('clearing-${DAY}', 'H1-cleared', $1, $2, $3, '2026-03-03')`,
      [party, partyId, fen],
    );
  await client.end();
  store = await TypeOrmStore.open({
    ...place,
    tables: payment.tables,
    migrations: payment.migrations,
  });
});
afterAll(async () => {
  await store?.close();
  await database?.drop();
});

test('a day that an earlier release cleared is cleared, and the next one is cleared in pages', async () => {
  const { accounts, adjudicate, clearings, clock, payouts } = till({ store, pageVisits: 1 });
  const before = await clearings.get(DAY);
  expect(before).toMatchObject({ visits: 1, payout: 'open', balanceFen: 0 });
  expect((await payouts.of(DAY)).parties).toHaveLength(2);
  await accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
  for (const visitId of ['H1-1', 'H1-2', 'H1-3']) await adjudicate({ visitId });
  clock.set('2026-03-03T09:00:00+08:00');
  expect(await clearings.clear(DAY)).toEqual(before);
  clock.set('2026-03-04T09:00:00+08:00');
  expect(await clearings.clear('2026-03-03')).toMatchObject({ visits: 3, balanceFen: 0 });
});

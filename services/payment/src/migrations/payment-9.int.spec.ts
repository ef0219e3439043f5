import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { referenceSuite } from '../../test/reference.suite';
import { payment } from '..';
import { claimReference } from '../collection/plausible';

let database: TestDatabase;
let store: TypeOrmStore;

beforeAll(async () => {
  database = await testDatabase();
  const place = { url: database.url, schema: 'payment', poolMax: 8 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: payment.migrations.slice(0, 8),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('set search_path = payment');
  // An earlier release took r-twice for two orders.
  for (const [id, reference] of [
    ['o-1', 'r-twice'],
    ['o-2', 'r-twice'],
    ['o-3', 'r-once'],
  ]) {
    await client.query(
      `insert into payment_order (order_id, visit_id, attempt, amount_fen, channel, status, started_at)
       values ($1, 'H1-older', 1, 100, 'unionpay', 'captured', '2026-03-02')`,
      [id],
    );
    await client.query(
      `insert into capture (order_id, visit_id, amount_fen, channel, reference, captured_at,
         channel_date, booked_on)
       values ($1, 'H1-older', 100, 'unionpay', $2, '2026-03-02', '2026-03-02', '2026-03-02')`,
      [id, reference],
    );
  }
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

test('what an earlier release booked has its reference, and no other order takes it', async () => {
  const claim = (orderId: string, reference: string): Promise<boolean> =>
    store.transact((transaction) =>
      claimReference(transaction, { orderId, channel: 'unionpay' }, reference),
    );
  expect(await claim('o-3', 'r-once')).toBe(true);
  for (const reference of ['r-once', 'r-twice']) expect(await claim('o-4', reference)).toBe(false);
  expect(await claim('o-4', 'r-new')).toBe(true);
  expect(await claim('o-5', 'r-new')).toBe(false);
});

referenceSuite(() => store);

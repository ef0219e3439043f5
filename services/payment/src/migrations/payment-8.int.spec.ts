import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { PERSON, till, VISIT } from '../../test/till';
import { payment } from '..';

let database: TestDatabase;
let store: TypeOrmStore;

beforeAll(async () => {
  database = await testDatabase();
  const place = { url: database.url, schema: 'payment', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: payment.migrations.slice(0, 7),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('set search_path = payment');
  // An earlier release took one reference for two orders.
  for (const id of ['o-1', 'o-2']) {
    await client.query(
      `insert into payment_order (order_id, visit_id, attempt, amount_fen, channel, status, started_at)
       values ($1, 'H1-older', 1, 100, 'unionpay', 'captured', '2026-03-02')`,
      [id],
    );
    await client.query(
      `insert into capture (order_id, visit_id, amount_fen, channel, reference, captured_at,
         channel_date, booked_on)
       values ($1, 'H1-older', 100, 'unionpay', 'r-1', '2026-03-02', '2026-03-02', '2026-03-02')`,
      [id],
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

test('a reference that an earlier release booked stands for no other order of its channel', async () => {
  let reference = 'r-1';
  const { accounts, adjudicate, collector, openCases, payments, clock } = till({
    store,
    channel: (real) =>
      Object.assign(Object.create(real) as typeof real, {
        pay: async (order: Parameters<typeof real.pay>[0]) => ({
          ...(await real.pay(order)),
          reference,
        }),
        findPayment: async (order: Parameters<typeof real.findPayment>[0]) => ({
          ...(await real.findPayment(order)),
          reference,
        }),
      }),
  });
  await accounts.bind(PERSON, { channel: 'unionpay', token: 'acct-1:ok' });
  await adjudicate();
  await collector.runOnce();
  expect(await openCases()).toMatchObject([{ reason: 'REFERENCE_OF_ANOTHER' }]);
  expect(await payments.of(VISIT)).toMatchObject({ paidFen: 0 });
  reference = 'r-2';
  clock.advance(60_000);
  await collector.runOnce();
  expect(await openCases()).toEqual([]);
  expect(await payments.of(VISIT)).toMatchObject({ status: 'paid' });
});

import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { PERSON, till } from '../../test/till';
import { payment } from '..';

const DAY = '2026-03-02';

let database: TestDatabase;
let store: TypeOrmStore;

beforeAll(async () => {
  database = await testDatabase();
  const place = { url: database.url, schema: 'payment', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: payment.migrations.slice(0, 4),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('set search_path = payment');
  // A capture of an earlier release, and an order that is still out.
  for (const [id, status] of [
    ['H1-paid', 'captured'],
    ['H1-sending', 'sending'],
  ]) {
    await client.query(
      `insert into collection (payment_id, visit_id, account_person_id, institution_id, closed_at,
         closed_date, revision, verdict, gross_fen, due_fen, captured_fen, refunding_fen, refunded_fen,
         status, attempts, orders, order_id, inquiries, next_attempt_at, clearing, causation_id)
       values ($1, $1, $3, 'H1', now(), '2026-03-02', 2, '{}', 100, 100,
         case when $2 = 'captured' then 100 else 0 end, 0, 0,
         case when $2 = 'captured' then 'paid' else 'sending' end, 1, 1,
         case when $2 = 'sending' then $1 end, 0,
         case when $2 = 'sending' then timestamptz '2026-03-02' end, 'pending', 'c')`,
      [id, status, PERSON],
    );
    await client.query(
      `insert into payment_order (order_id, visit_id, attempt, amount_fen, channel, status, started_at)
       values ($1, $1, 1, 100, 'unionpay', $2, now())`,
      [id, status],
    );
  }
  await client.query(
    `insert into capture values ('H1-paid', 'H1-paid', 100, 'unionpay', 'r', now(), '2026-03-02')`,
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

test('days of an earlier release are reconciled, and listed in pages', async () => {
  const entries = [{ kind: 'capture' as const, id: 'H1-paid', amountFen: 100 }];
  let statement = [...entries, { kind: 'capture' as const, id: 'H1-sending', amountFen: 100 }];
  const { reconciler, clock } = till({
    store,
    channel: (real) =>
      Object.assign(Object.create(real) as typeof real, {
        statement: async (date: string) => ({ entries: date === DAY ? statement : [] }),
      }),
  });
  clock.set('2026-03-03T09:00:00+08:00');
  await reconciler.runOnce();
  const { rows, next } = await reconciler.list();
  expect(next).toBeUndefined();
  expect(rows).toHaveLength(10);
  expect(rows[0]).toEqual({
    date: DAY,
    matched: 1,
    matchedFen: 100,
    onlyOurs: 0,
    onlyTheirs: 1,
    amountsDiffer: 0,
    others: 0,
    inTransit: 0,
    differences: [
      { what: 'only-theirs', kind: 'capture', id: 'H1-sending', oursFen: null, theirsFen: 100 },
    ],
    reconciledAt: clock.now(),
    differsSince: clock.now(),
  });
  statement = entries;
  expect(await reconciler.reconcile(DAY)).toMatchObject({ onlyTheirs: 0, differsSince: null });
  expect((await reconciler.list('2026-03-01')).rows).toHaveLength(8);
});

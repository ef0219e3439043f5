import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { PERSON, till } from '../../test/till';
import { payment } from '..';
import { caseTable } from '../case/case.table';
import { Payment1750000000000 } from './payment-1';
import { Payment1750000001000 } from './payment-2';

/** One visit each: its collection's status, its order's, and its refund's. */
const VISITS = [
  ['H1-even', 'paid', 'captured', undefined],
  ['H1-refused', 'paid', 'captured', 'refused'],
  ['H1-refunding', 'paid', 'captured', 'due'],
  ['H1-unknown', 'unresolved', 'sending', undefined],
] as const;

let database: TestDatabase;
let store: TypeOrmStore;

beforeAll(async () => {
  database = await testDatabase();
  const place = { url: database.url, schema: 'payment', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [Payment1750000000000, Payment1750000001000],
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('set search_path = payment');
  for (const [id, status, order, refund] of VISITS) {
    const paidFen = order === 'captured' ? 100 : 0;
    await client.query(
      `insert into collection (payment_id, visit_id, account_person_id, institution_id, closed_at,
         closed_date, revision, verdict, gross_fen, due_fen, captured_fen, refunding_fen, refunded_fen,
         status, attempts, orders, order_id, inquiries, next_attempt_at, clearing, causation_id)
       values ($1, $1, $5, 'H1', now(), current_date, 2, '{}', 100, $6, $3, $4, 0, $2, 1, 1,
         case when $2 = 'unresolved' then $1 end, 3,
         case when $2 = 'unresolved' then timestamptz '2026-03-02' end, 'pending', 'c')`,
      [id, status, paidFen, refund ? 40 : 0, PERSON, refund ? 60 : 100],
    );
    await client.query(
      `insert into payment_order (order_id, visit_id, attempt, amount_fen, channel, status, started_at)
       values ($1, $1, 1, 100, 'unionpay', $2, now())`,
      [id, order],
    );
    if (order === 'captured')
      await client.query(
        `insert into capture values ($1, $1, 100, 'unionpay', 'r', now(), current_date)`,
        [id],
      );
    if (refund)
      await client.query(
        `insert into refund (refund_id, visit_id, order_id, amount_fen, channel, status, reason,
           inquiries, next_attempt_at)
         values ($1, $1, $1, 40, 'unionpay', $2, $3, 0,
           case when $2 = 'due' then timestamptz '2026-03-02' end)`,
        [id, refund, refund === 'refused' ? 'REFUND_CONFLICT' : null],
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

test('what nobody looked after before has an open case, and says that money is owed back', async () => {
  const { payments } = till({ store });
  const states = await Promise.all(
    VISITS.map(async ([visitId]) => {
      const { status, refundOwedFen } = await payments.of(visitId);
      return [visitId, status, refundOwedFen];
    }),
  );
  expect(states).toEqual([
    ['H1-even', 'paid', 0],
    ['H1-refused', 'refund-owed', 40],
    ['H1-refunding', 'refund-owed', 40],
    ['H1-unknown', 'unresolved', 0],
  ]);
  const cases = await store.transact((transaction) =>
    transaction.rows(caseTable).find({ status: 'open' }, { orderBy: 'subjectId' }),
  );
  expect(cases).toMatchObject([
    { kind: 'refund', subjectId: 'H1-refused', reason: 'REFUND_CONFLICT', amountFen: 40 },
    { kind: 'order', subjectId: 'H1-unknown', reason: 'OUTCOME_UNKNOWN', amountFen: 100 },
  ]);
});

test('a refund that was under way goes on and ends', async () => {
  const { refunder, payments, memoryChannel } = till({ store });
  memoryChannel.payments.set('H1-refunding', {
    order: { orderId: 'H1-refunding', accountToken: 'a:ok', amountFen: 100, channel: 'unionpay' },
    outcome: { status: 'captured', amountFen: 100, reference: 'r', at: new Date() },
  });
  await refunder.runOnce();
  expect(await payments.of('H1-refunding')).toMatchObject({
    status: 'paid',
    refundedFen: 40,
    refundOwedFen: 0,
  });
});

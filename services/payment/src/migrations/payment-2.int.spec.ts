import { fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { type Table, TypeOrmStore } from '@caretab/store';
import { WorkQueue, type WorkRow } from '@caretab/work-queue';
import { Client } from 'pg';
import { payment } from '..';
import { collectionTable } from '../collection/collection.table';
import { refundTable } from '../refund/refund.table';
import { Payment1750000000000 } from './payment-1';

/** Held by a worker, due for a retry, planned for later, and done: id, status, tries, next attempt. */
const ITEMS = [
  ['held', 'sending', 2, '2026-03-02T12:01:00Z'],
  ['retry', 'due', 1, '2026-03-02T11:59:00Z'],
  ['later', 'due', 3, '2026-03-02T20:00:00Z'],
  ['done', undefined, 1, null],
] as const;
const LEASE_MS = 30_000;

const clock = fixedClock('2026-03-02T12:00:00Z');
let database: TestDatabase;
let store: TypeOrmStore;

beforeAll(async () => {
  database = await testDatabase();
  const place = { url: database.url, schema: 'payment', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [Payment1750000000000],
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('set search_path = payment');
  for (const [id, status, tries, next] of ITEMS) {
    await client.query(
      `insert into collection (payment_id, visit_id, account_person_id, institution_id, closed_at,
         closed_date, revision, verdict, gross_fen, due_fen, captured_fen, refunding_fen, refunded_fen,
         status, attempts, orders, inquiries, next_attempt_at, clearing, causation_id)
       values ($1, $1, 'p', 'HZ001', now(), current_date, 1, '{}', 100, 100, 0, 0, 0, $2, $3, $3, $3, $4,
         'pending', 'c')`,
      [id, status ?? 'paid', tries, next],
    );
    await client.query(
      `insert into payment_order (order_id, visit_id, attempt, amount_fen, channel, status, started_at)
       values ($1, $1, 1, 100, 'c', 'captured', now())`,
      [id],
    );
    await client.query(`insert into capture values ($1, $1, 100, 'c', 'r', now(), current_date)`, [
      id,
    ]);
    await client.query(
      `insert into refund (refund_id, visit_id, order_id, amount_fen, channel, status, inquiries,
         next_attempt_at)
       values ($1, $1, $1, 10, 'c', $2, $3, $4)`,
      [id, status ?? 'completed', tries, next],
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

/** Two workers of the new release take what is due; returns the ids that they worked on. */
const taken = async <Row extends WorkRow>(
  table: Table<Row>,
  key: keyof Row & string,
): Promise<unknown[]> => {
  const ids: unknown[] = [];
  const worker = () => {
    const queue: WorkQueue<Row, Row, null> = new WorkQueue<Row, Row, null>({
      store,
      clock,
      table,
      key,
      lanes: 4,
      leaseMs: LEASE_MS,
      plans: [],
      begin: async (_transaction, rows) => rows.map((row) => ({ row, item: row })),
      work: async (row) => {
        ids.push(row[key]);
        await queue.record(row, null);
      },
      record: (transaction, row) => transaction.rows(table).save({ ...row, nextAttemptAt: null }),
    });
    return queue.runOnce();
  };
  await Promise.all([worker(), worker()]);
  return ids;
};

test('work under way before the work queue is kept: no item is lost, none is done twice', async () => {
  const collections = await store.transact((transaction) =>
    transaction.rows(collectionTable).find({}, { orderBy: 'paymentId' }),
  );
  const refunds = await store.transact((transaction) =>
    transaction.rows(refundTable).find({}, { orderBy: 'refundId' }),
  );
  const kept = [...ITEMS].sort(([a], [b]) => (a < b ? -1 : 1));
  const planned = (next: string | null): Date | null => (next === null ? null : new Date(next));
  expect(
    collections.map((row) => [row.paymentId, row.status, row.attempts, row.orders, row.inquiries]),
  ).toEqual(kept.map(([id, status, tries]) => [id, status ?? 'paid', tries, tries, tries]));
  expect(refunds.map((row) => [row.refundId, row.status, row.inquiries])).toEqual(
    kept.map(([id, status, tries]) => [id, status ?? 'completed', tries]),
  );
  for (const rows of [collections, refunds])
    expect(rows.map(({ nextAttemptAt, lease }) => ({ nextAttemptAt, lease }))).toEqual(
      kept.map(([, , , next]) => ({ nextAttemptAt: planned(next), lease: 0 })),
    );

  // A retry that is due is taken once; what an older worker holds is left to it.
  expect(await taken(collectionTable, 'paymentId')).toEqual(['retry']);
  expect(await taken(refundTable, 'refundId')).toEqual(['retry']);
  clock.advance(61_000);
  // The older worker's lease has ended: it died with its release.
  expect(await taken(collectionTable, 'paymentId')).toEqual(['held']);
  expect(await taken(refundTable, 'refundId')).toEqual(['held']);
  clock.advance(8 * 3_600_000);
  expect(await taken(collectionTable, 'paymentId')).toEqual(['later']);
  expect(await taken(refundTable, 'refundId')).toEqual(['later']);
  clock.advance(8 * 3_600_000);
  expect(await taken(collectionTable, 'paymentId')).toEqual([]);
  expect(await taken(refundTable, 'refundId')).toEqual([]);
});

import { fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { WorkQueue } from '@caretab/work-queue';
import { Client } from 'pg';
import { notification } from '..';
import { type NoticeRow, noticeTable } from '../notice/notice.table';
import { Notification1750000000000 } from './notification-1';
import { Notification1750000001000 } from './notification-2';

/** Held by a worker, due for a retry, planned for later, and done: id, status, tries, next attempt. */
const ITEMS = [
  ['held', 'sending', 2, '2026-03-02T12:01:00Z'],
  ['retry', 'pending', 1, '2026-03-02T11:59:00Z'],
  ['later', 'pending', 3, '2026-03-02T20:00:00Z'],
  ['done', 'sent', 1, null],
  ['unknown', 'unconfirmed', 1, null],
] as const;

const clock = fixedClock('2026-03-02T12:00:00Z');
let database: TestDatabase;
let store: TypeOrmStore;

beforeAll(async () => {
  database = await testDatabase();
  const place = { url: database.url, schema: 'notification', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [Notification1750000000000, Notification1750000001000],
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  for (const [id, status, tries, next] of ITEMS)
    await client.query(
      `insert into notification.notice (notice_id, event_id, visit_id, recipient_id, channel, template,
         facts, status, attempts, next_attempt_at, occurred_at)
       values ($1, 'e', 'v', 'p', 'email', 'visit-settled', '{}', $2, $3, $4, now())`,
      [id, status, tries, next],
    );
  await client.end();
  store = await TypeOrmStore.open({
    ...place,
    tables: notification.tables,
    migrations: notification.migrations,
  });
});
afterAll(async () => {
  await store?.close();
  await database?.drop();
});

/** Two workers of the new release take what is due; returns the notices that they worked on. */
const taken = async (): Promise<string[]> => {
  const ids: string[] = [];
  const worker = () => {
    const queue: WorkQueue<NoticeRow, NoticeRow, null> = new WorkQueue<NoticeRow, NoticeRow, null>({
      store,
      clock,
      table: noticeTable,
      key: 'noticeId',
      lanes: 4,
      leaseMs: 30_000,
      plans: [],
      begin: async (_transaction, rows) => rows.map((row) => ({ row, item: row })),
      work: async (row) => {
        ids.push(row.noticeId);
        await queue.record(row, null);
      },
      record: (transaction, row) =>
        transaction.rows(noticeTable).save({ ...row, nextAttemptAt: null }),
    });
    return queue.runOnce();
  };
  await Promise.all([worker(), worker()]);
  return ids;
};

test('notices under way before the work queue are kept: none is lost, none is sent twice', async () => {
  const rows = await store.transact((transaction) =>
    transaction.rows(noticeTable).find({}, { orderBy: 'noticeId' }),
  );
  expect(
    rows.map((row) => [row.noticeId, row.status, row.attempts, row.nextAttemptAt, row.lease]),
  ).toEqual(
    [...ITEMS]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, status, tries, next]) => [id, status, tries, next && new Date(next), 0]),
  );
  // A retry that is due is taken once; what an older worker holds is left to it.
  expect(await taken()).toEqual(['retry']);
  clock.advance(61_000);
  // The older worker's lease has ended: it died with its release.
  expect(await taken()).toEqual(['held']);
  clock.advance(8 * 3_600_000);
  expect(await taken()).toEqual(['later']);
  clock.advance(8 * 3_600_000);
  expect(await taken()).toEqual([]);
});

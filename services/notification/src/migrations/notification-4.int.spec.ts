import { fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { notification } from '..';
import { institutionTable } from '../institution/institution.table';
import { noticeTable } from '../notice/notice.table';
import { WebhookNotices } from '../notice/webhooks';
import { WebhookSecrets } from '../notice/webhook-secrets';
import { Notification1750000000000 } from './notification-1';
import { Notification1750000001000 } from './notification-2';
import { Notification1750000002000 } from './notification-3';

let database: TestDatabase;
let client: Client;
let store: TypeOrmStore;
const clock = fixedClock('2026-03-02T12:00:00Z');

/** As the release before writes a notice. */
const write = (id: string, status: string, attempts: number, next: string | null) =>
  client.query(
    `insert into notification.notice (notice_id, event_id, visit_id, recipient_id, channel, template,
       facts, status, attempts, next_attempt_at, occurred_at, lease)
     values ($1, 'e', 'v', 'H1', 'webhook', 'ChargeNotDeferred', '{}', $2, $3, $4,
       '2026-03-01T00:00:00Z', 1)`,
    [id, status, attempts, next],
  );

beforeAll(async () => {
  database = await testDatabase();
  const place = { url: database.url, schema: 'notification', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [Notification1750000000000, Notification1750000001000, Notification1750000002000],
  });
  await older.close();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await write('given up', 'failed', 8, null);
  await write('retried', 'pending', 7, '2026-03-02T12:20:00Z');
  await client.query(`insert into notification.institution values ('H1', 'http://hospital')`);
  store = await TypeOrmStore.open({
    ...place,
    tables: notification.tables,
    migrations: notification.migrations,
  });
});
afterAll(async () => {
  await client?.end();
  await store?.close();
  await database?.drop();
});

test('what an earlier release gave up is found and sent again, under the same id', async () => {
  // A replica of the release before is still at work.
  await write('by the older', 'pending', 0, '2026-03-02T12:00:00Z');
  const webhooks = new WebhookNotices({ store, clock });
  const { rows } = await webhooks.list({ institutionId: 'H1' });
  expect(rows.map(({ noticeId }) => noticeId)).toEqual(['by the older', 'given up', 'retried']);
  expect(await webhooks.resend({ institutionId: 'H1' })).toMatchObject({ resent: 2 });
  const again = await store.transact((transaction) =>
    transaction.rows(noticeTable).find({}, { orderBy: 'noticeId' }),
  );
  expect(again.map(({ noticeId, status, attempts }) => [noticeId, status, attempts])).toEqual([
    ['by the older', 'pending', 0],
    ['given up', 'pending', 0],
    ['retried', 'pending', 0],
  ]);
});

test('an institution of an earlier release keeps its address and its first secret', async () => {
  const secrets = new WebhookSecrets({ store, clock, key: 'a webhook key for tests', graceMs: 1 });
  const [row, inForce] = await store.transact(async (transaction) => [
    await transaction.rows(institutionTable).get({ institutionId: 'H1' }),
    await secrets.inForce(transaction, ['H1']),
  ]);
  expect(row).toEqual({ institutionId: 'H1', webhookUrl: 'http://hospital', name: null });
  expect(inForce.get('H1')).toHaveLength(1);
});

import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { notification } from '..';
import { Notification1750000000000 } from './notification-1';
import { Notification1750000001000 } from './notification-2';
import { Notification1750000002000 } from './notification-3';
import { Notification1750000003000 } from './notification-4';

let database: TestDatabase;
let client: Client;
let store: TypeOrmStore | undefined;

const write = (id: string, channel: string): Promise<unknown> =>
  client.query(
    `insert into notification.notice (notice_id, event_id, visit_id, recipient_id, channel, template,
       facts, status, attempts, next_attempt_at, occurred_at, lease)
     values ($1, 'e', 'v', 'p', $2, 'service-closed', '{}', 'pending', 0,
       '2026-03-02T12:00:00Z', '2026-03-02T12:00:00Z', 0)`,
    [id, channel],
  );

beforeAll(async () => {
  database = await testDatabase();
  const place = { url: database.url, schema: 'notification', poolMax: 2 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [
      Notification1750000000000,
      Notification1750000001000,
      Notification1750000002000,
      Notification1750000003000,
    ],
  });
  await older.close();
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await store?.close();
  await database?.drop();
});

test('a mail under way stays one, and notices to phones have a place beside it', async () => {
  await write('mail', 'email');
  await expect(write('sms', 'sms')).rejects.toThrow('notice_channel_check');
  store = await TypeOrmStore.open({
    url: database.url,
    schema: 'notification',
    poolMax: 2,
    tables: notification.tables,
    migrations: notification.migrations,
  });
  for (const channel of ['sms', 'app', 'email', 'webhook']) await write(channel, channel);
  await expect(write('by pigeon', 'pigeon')).rejects.toThrow('notice_channel_check');
  const { rows } = await client.query(
    `select channel from notification.notice where notice_id = 'mail'`,
  );
  expect(rows).toEqual([{ channel: 'email' }]);
});

import { randomBytes } from 'node:crypto';
import { fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { notification } from '..';
import { AgreementCodes } from '../notice/agreement-codes';

let database: TestDatabase;
let client: Client;
let store: TypeOrmStore | undefined;

beforeAll(async () => {
  database = await testDatabase();
  const older = await TypeOrmStore.open({
    ...{ url: database.url, schema: 'notification', poolMax: 2, tables: [] },
    migrations: notification.migrations.slice(0, 5),
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

test('a mail under way stays one, and codes are kept as hashes, one a notice, until they end', async () => {
  await client.query(
    `insert into notification.notice (notice_id, event_id, visit_id, recipient_id, channel, template,
       facts, status, attempts, next_attempt_at, occurred_at, lease)
     values ('mail', 'e', 'v', 'p', 'email', 'service-closed', '{}', 'pending', 0,
       '2026-03-02T12:00:00Z', '2026-03-02T12:00:00Z', 0)`,
  );
  store = await TypeOrmStore.open({
    ...{ url: database.url, schema: 'notification', poolMax: 2 },
    tables: notification.tables,
    migrations: notification.migrations,
  });
  const { rows } = await client.query(`select status from notification.notice`);
  expect(rows).toEqual([{ status: 'pending' }]);
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const codes = new AgreementCodes({ store, clock, randomness: randomBytes });
  const late = { noticeId: 'n1', facts: { visitId: 'H1-V1', chargeId: 'C1', amountFen: 100 } };
  const issued = () => store!.transact((transaction) => codes.issue(late, transaction));
  const former = await issued();
  const code = await issued();
  expect(await codes.resolve(code)).toEqual({ visitId: 'H1-V1', chargeId: 'C1' });
  await expect(codes.resolve(former)).rejects.toThrow('AGREEMENT_UNKNOWN');
  const kept = await client.query('select * from notification.agreement_code');
  expect(kept.rows).toHaveLength(1);
  expect(JSON.stringify(kept.rows)).not.toContain(code);
  clock.advance(31 * 24 * 60 * 60 * 1000);
  await expect(codes.resolve(code)).rejects.toThrow('AGREEMENT_UNKNOWN');
});

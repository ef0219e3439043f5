import { randomBytes } from 'node:crypto';
import { fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { notification } from '..';
import { AgreementCodes } from '../notice/agreement-codes';
import { Notification1750000008000 } from './notification-9';

let database: TestDatabase;
let store: TypeOrmStore | undefined;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await store?.close();
  await database?.drop();
});

test('codes of late charges stay theirs, and a code may be for a whole visit', async () => {
  const { migrations, tables } = notification;
  const place = { url: database.url, schema: 'notification', poolMax: 2, tables };
  const older = await TypeOrmStore.open({
    ...place,
    migrations: migrations.filter((one) => one !== Notification1750000008000),
  });
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const issue = async (from: TypeOrmStore, noticeId: string, facts: Record<string, string>) => {
    const codes = new AgreementCodes({ store: from, clock, randomness: randomBytes });
    return from.transact((transaction) => codes.issue({ noticeId, facts }, transaction));
  };
  const late = await issue(older, 'n1', { visitId: 'H1-V1', chargeId: 'C1' });
  await expect(issue(older, 'n2', { visitId: 'H1-V2' })).rejects.toThrow('not-null');
  await older.close();
  store = await TypeOrmStore.open({ ...place, migrations });
  const visit = await issue(store, 'n2', { visitId: 'H1-V2' });
  const codes = new AgreementCodes({ store, clock, randomness: randomBytes });
  expect(await codes.resolve(late)).toEqual({ visitId: 'H1-V1', chargeId: 'C1' });
  expect(await codes.resolve(visit)).toEqual({ visitId: 'H1-V2' });
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query('select * from notification.agreement_code');
  await client.end();
  expect(JSON.stringify(rows)).not.toContain(visit);
});

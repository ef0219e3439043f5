import { TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { identity } from '..';
import { institutionTable } from '../institution/institution.table';
import { Identity1700000000001 } from './identity-1';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

test('an institution of an earlier release speaks as all do', async () => {
  const place = { url: database.url, schema: 'identity', poolMax: 2 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [Identity1700000000001],
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `insert into identity.institution values ('HZ001', 'First Hospital', 'level-3', null, 'HZ001', 'hash', now())`,
  );
  await client.end();
  const newer = await TypeOrmStore.open({
    ...place,
    tables: identity.tables,
    migrations: identity.migrations,
  });
  const row = await newer.transact((transaction) =>
    transaction.rows(institutionTable).get({ institutionId: 'HZ001' }),
  );
  await newer.close();
  expect(row).toMatchObject({ name: 'First Hospital', interface: {} });
});

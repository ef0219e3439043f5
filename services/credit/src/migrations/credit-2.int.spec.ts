import { TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { credit } from '..';
import { accountTable } from '../account/account.table';
import { Credit1700000000001 } from './credit-1';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

test('accounts of an earlier release are given by how much they stand above their line', async () => {
  const place = { url: database.url, schema: 'credit', poolMax: 2 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [Credit1700000000001],
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    insert into credit.account values
      ('a', 'open', 600, 'x', 100, 60, 50, null, now(), null, 3),
      ('b', 'open', 600, 'x', 100, 60, 40, 'FRAUD', now(), null, 3)`);
  await client.end();
  const newer = await TypeOrmStore.open({
    ...place,
    tables: credit.tables,
    migrations: credit.migrations,
  });
  const rows = await newer.transact((transaction) =>
    transaction.rows(accountTable).find({}, { orderBy: 'accountPersonId' }),
  );
  await newer.close();
  expect(rows.map(({ overLineFen }) => overLineFen)).toEqual([10, 0]);
  expect(rows[1]).toMatchObject({ heldFen: 60, frozenReason: 'FRAUD', entryCount: 3 });
});

import { TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { visitLedger } from '..';
import { visitView } from '../views/visit.view';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

test('visits under way in an earlier release have no timer, and end as they would have', async () => {
  const place = { url: database.url, schema: 'visit_ledger', poolMax: 2 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: visitLedger.migrations.slice(0, 5),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`insert into visit_ledger.visit values
    ('HZ001-V1', 'HZ001', null, null, '2026-03-02', 'open', 'outpatient', null, null, null, null,
      0, 20000, 1, 0, 0, 0, 0, 900, 0, 900, null, 0, 0, '[]', null)`);
  await client.end();
  const newer = await TypeOrmStore.open({
    ...place,
    tables: visitLedger.tables,
    migrations: visitLedger.migrations,
  });
  const row = await newer.transact((transaction) =>
    transaction.rows(visitView.table).get({ visitId: 'HZ001-V1' }),
  );
  await newer.close();
  expect(row).toMatchObject({ status: 'open', grossFen: 900, graceUntil: null, timerAt: null });
});

import { TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { visitLedger } from '..';
import { institutionDayView } from '../views/institution-day.view';
import { visitView } from '../views/visit.view';
import { VisitLedger1700000000001 } from './visit-ledger-1';
import { VisitLedger1700000000002 } from './visit-ledger-2';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

test('rows of an earlier release keep what was taken back, as returns', async () => {
  const place = { url: database.url, schema: 'visit_ledger', poolMax: 2 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [VisitLedger1700000000001, VisitLedger1700000000002],
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    insert into visit_ledger.visit values ('HZ001-V1', 'HZ001', null, null, '2026-03-02', 'open', null, null,
      null, null, null, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, null, 0, 0, '[]', null);
    insert into visit_ledger.institution_day values ('HZ001/2026-03-02', 'HZ001', '2026-03-02', 1, 0, 0, 0, 0, 3,
      900, 2, 700, 0, '{}', 0, '{}', 0, 0, 0, 0, 0);
  `);
  await client.end();
  const newer = await TypeOrmStore.open({
    ...place,
    tables: visitLedger.tables,
    migrations: visitLedger.migrations,
  });
  const [visit, day] = await newer.transact(async (transaction) => [
    await transaction.rows(visitView.table).get({ visitId: 'HZ001-V1' }),
    await transaction.rows(institutionDayView.table).get({ dayId: 'HZ001/2026-03-02' }),
  ]);
  await newer.close();
  expect(visit).toMatchObject({ chargesDeferred: 1, chargesReturned: 2 });
  expect(day).toMatchObject({ deferredFen: 900, returnedCount: 2, returnedFen: 700 });
});

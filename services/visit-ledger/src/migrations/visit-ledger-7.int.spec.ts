import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { visitLedger } from '..';
import { visitView } from '../views/visit.view';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

test('visits that ended in an earlier release are compared on the day of their end in Shanghai', async () => {
  const place = { url: database.url, schema: 'visit_ledger', poolMax: 2 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: visitLedger.migrations.slice(0, 6),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const row = (visitNumber: string, closedAt: string, status = 'open', dueFen = 'null'): string =>
    `('HZ001-${visitNumber}', 'HZ001', null, null, '2026-03-02', '${status}', null, null, null, ${closedAt}, null,
      2, 0, 1, 0, 0, 0, 0, 900, 0, 900, ${dueFen}, 0, 0, '[]', null)`;
  await client.query(`insert into visit_ledger.visit values ${row('OPEN', 'null')},
    ${row('EVENING', "'2026-03-02T23:59:59+08:00'", 'settled', '900')},
    ${row('NIGHT', "'2026-03-02T16:00:00.000Z'", 'closed', '900')}`);
  await client.end();
  const newer = await TypeOrmStore.open({
    ...place,
    tables: visitLedger.tables,
    migrations: visitLedger.migrations,
  });
  const rows = await newer.transact((transaction) =>
    transaction.rows(visitView.table).find({}, { orderBy: 'visitId' }),
  );
  await newer.close();
  expect(rows).toMatchObject([
    { visitId: 'HZ001-EVENING', closedDate: '2026-03-02', adjudicatedRevision: 2 },
    { visitId: 'HZ001-NIGHT', closedDate: '2026-03-03', adjudicatedRevision: 1 },
    { visitId: 'HZ001-OPEN', closedDate: null, adjudicatedRevision: null },
  ]);
});

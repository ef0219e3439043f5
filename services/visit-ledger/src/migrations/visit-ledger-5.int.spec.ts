import { TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { visitLedger } from '..';
import { visitView } from '../views/visit.view';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

test('a visit that was adjudicated in an earlier release holds nothing any more, an open one still does', async () => {
  const place = { url: database.url, schema: 'visit_ledger', poolMax: 2 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: visitLedger.migrations.slice(0, 4),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const row = (visitNumber: string, status: string, revision: number, dueFen: string): string =>
    `('HZ001-${visitNumber}', 'HZ001', null, null, '2026-03-02', '${status}', null, null, null, null, null,
      ${revision}, 20000, 1, 0, 0, 0, 0, 900, 0, 900, ${dueFen}, 0, 0, '[]', null)`;
  await client.query(`insert into visit_ledger.visit values
    ${row('OPEN', 'open', 0, 'null')}, ${row('CLOSED', 'closed', 1, 'null')},
    ${row('AGAIN', 'closed', 2, '900')}, ${row('SETTLED', 'settled', 1, '900')}`);
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
  expect(rows.map(({ visitId, heldFen }) => [visitId, heldFen])).toEqual([
    ['HZ001-AGAIN', 0],
    ['HZ001-CLOSED', 20_000],
    ['HZ001-OPEN', 20_000],
    ['HZ001-SETTLED', 0],
  ]);
});

import { TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { visitLedger } from '..';
import { lateCharges } from '../metrics';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

test('late charges of an earlier release are counted, and what waits on open visits is not', async () => {
  const place = { url: database.url, schema: 'visit_ledger', poolMax: 2 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: visitLedger.migrations.slice(0, 5),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const row = (visitNumber: string, status: string, waiting: number): string =>
    `('HZ001-${visitNumber}', 'HZ001', null, null, '2026-03-02', '${status}', null, null, null, null, null,
      1, 0, 1, ${waiting}, 0, 0, 0, 900, 0, 900, null, 0, 0, '[]', null)`;
  await client.query(`insert into visit_ledger.visit values
    ${row('OPEN', 'open', 4)}, ${row('SETTLED', 'settled', 2)}, ${row('CLOSED', 'closed', 1)},
    ${row('EVEN', 'settled', 0)}`);
  await client.end();
  const newer = await TypeOrmStore.open({
    ...place,
    tables: visitLedger.tables,
    migrations: visitLedger.migrations,
  });
  expect(await lateCharges(newer)).toBe(3);
  await newer.close();
});

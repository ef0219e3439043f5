import { TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { visitLedger } from '..';
import { visitTable } from '../views/visit.table';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

test('a visit of an earlier release, with a charge under way, has no report that waits for a limited time', async () => {
  const place = { url: database.url, schema: 'visit_ledger', poolMax: 2 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: visitLedger.migrations.slice(0, 7),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`insert into visit_ledger.visit values
    ('HZ001-V1', 'HZ001', null, null, '2026-03-02', 'unknown', null, null, null, null, null,
      0, 0, 0, 1, 0, 0, 0, 0, 0, 0, null, 0, 0, '[]', null)`);
  await client.end();
  const newer = await TypeOrmStore.open({
    ...place,
    tables: visitLedger.tables,
    migrations: visitLedger.migrations,
  });
  const rows = await newer.transact(async (transaction) => {
    const [row] = await transaction.rows(visitTable).find({});
    const waits = [{ submissionId: 'm1', waitsUntil: '2026-03-05T00:00:00.000Z', isCharge: false }];
    await transaction.rows(visitTable).save({
      ...row!,
      visitId: 'HZ001-V2',
      waits,
      waitsUntil: '2026-03-05T00:00:00.000Z',
    });
    return [
      row,
      await transaction.rows(visitTable).get({ waitsUntil: { lte: '2026-03-05T00:00:00.000Z' } }),
    ];
  });
  await newer.close();
  expect(rows).toMatchObject([
    { visitId: 'HZ001-V1', chargesWaiting: 1, waits: [], waitsUntil: null },
    { visitId: 'HZ001-V2', waits: [{ submissionId: 'm1', isCharge: false }] },
  ]);
});

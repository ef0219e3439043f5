import { TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { visitLedger } from '..';
import { checkpointTable } from '../views/checkpoint.table';
import { VisitLedger1700000000001 } from './visit-ledger-1';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

test('checkpoints made before are of the PostgreSQL store, those that read nothing of none', async () => {
  const place = {
    url: database.url,
    schema: 'visit_ledger',
    tables: [checkpointTable],
    poolMax: 2,
  };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [VisitLedger1700000000001],
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query("update visit_ledger.checkpoint set position = '42' where name = 'views'");
  await client.end();
  const newer = await TypeOrmStore.open({
    ...place,
    migrations: visitLedger.migrations,
  });
  const rows = await newer.transact((transaction) =>
    transaction.rows(checkpointTable).find({}, { orderBy: 'name' }),
  );
  await newer.close();
  // Later columns: no process leads yet.
  const added = { eventId: null, before: null, epoch: 0, owner: null, beat: 0 };
  expect(rows).toEqual([
    { name: 'publication', position: '0', store: null, ...added },
    { name: 'views', position: '42', store: 'postgres:visit_ledger_events', ...added },
  ]);
});

import { messagingMigrations, parkedTable } from '@caretab/bus';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { keepFates } from '../fate/fates';
import { submissionsOf } from '../fate/submissions';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

const INSERT = `insert into gateway.accepted_event
  (id, door, type, visit_id, person_id, charge_id, amount_fen, accepted_at)
  values ($1, 'http', $2, 'HZ001-V-1', null, $3, $4, '2026-03-02T00:00:00Z')`;

test('what an earlier release accepted is listed, and gets its fate when it is said', async () => {
  const place = { url: database.url, schema: 'gateway', poolMax: 2 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [...messagingMigrations, ...gateway.migrations.slice(0, 6)],
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(INSERT, ['e1', 'VisitEnded', null, null]);
  await client.query(INSERT, ['e2', 'ChargePosted', 'T1', 100]);
  const store = await TypeOrmStore.open({
    ...place,
    tables: [...gateway.tables, parkedTable],
    migrations: [...messagingMigrations, ...gateway.migrations],
  });
  // A replica of the release before is at work.
  await client.query(INSERT, ['e3', 'ChargePosted', 'T2', 200]);
  await client.end();
  const listed = async () =>
    (await submissionsOf(store, 'HZ001', {})).submissions.map(({ submissionId, fate }) => [
      submissionId,
      fate,
    ]);
  expect(await listed()).toEqual([
    ['e1', 'accepted'],
    ['e2', 'accepted'],
  ]);
  const visit = { visitId: 'HZ001-V-1', institutionId: 'HZ001' };
  const about = { time: '2026-03-02T00:00:01.000Z', source: 'visit-ledger' };
  await store.transact((transaction) =>
    keepFates(transaction, [
      {
        ...{ ...about, id: 'f1', type: 'ChargeNotDeferred', causationId: 'e3' },
        data: { ...visit, chargeId: 'T2', amountFen: 200, reason: 'OVER_LINE' },
      },
      {
        ...{ ...about, id: 'f2', type: 'SubmissionApplied', causationId: 'e1' },
        data: { ...visit, submissionId: 'e1', messageId: 'http/HZ001/k', kind: 'VisitEnded' },
      },
    ]),
  );
  expect(await listed()).toEqual([
    ['e1', 'applied'],
    ['e2', 'accepted'],
    ['e3', 'not-deferred'],
  ]);
  await store.close();
});

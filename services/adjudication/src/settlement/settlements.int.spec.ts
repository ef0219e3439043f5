import { messagingMigrations } from '@caretab/bus';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { adjudication } from '..';
import {
  AdjudicationStage,
  bed,
  employee,
  evergreen,
  mesh,
  personId,
  surgery,
} from '../../test/claims';
import { Adjudication1700000000021 } from '../migrations/adjudication-21';
import { tables } from '../tables';
import { settlementTable } from './settlement.table';

let database: TestDatabase;
let store: TypeOrmStore;
let stage: AdjudicationStage;
beforeAll(async () => {
  database = await testDatabase();
  store = await TypeOrmStore.open({
    url: database.url,
    schema: 'adjudication',
    tables,
    migrations: [...messagingMigrations, ...adjudication.migrations],
  });
  stage = new AdjudicationStage(store);
  await stage.registerHospital();
  await stage.memberships.replace(personId, [
    { ...employee, personalAccountYuan: '1000.00' },
    evergreen,
  ]);
});
afterAll(async () => {
  await store?.close();
  await database?.drop();
});

const rows = () =>
  stage.read((transaction) =>
    transaction.rows(settlementTable).find({}, { orderBy: 'settlementId' }),
  );

test('each posting is a row, and the migration makes the same rows from claims alone', async () => {
  await stage.open('HZ01-1');
  await stage.close('HZ01-1', 1, [surgery, mesh, bed]);
  await stage.close('HZ01-1', 2, [surgery, bed]);
  await stage.close('HZ01-1', 3, []);
  await stage.open('HZ01-2', { visitClass: 'outpatient' });
  await stage.close('HZ01-2', 1, [bed], 'outpatient');
  const written = await rows();
  const posted = (await stage.published()).filter(({ type }) => type === 'SettlementPosted');
  const told = posted.map(({ topic, data }) => ({
    ...{ payerId: topic.split('.')[1], settlementId: data.settlementId },
    ...{ postedFen: data.postedFen, cancels: data.cancels ?? null, day: data.businessDate },
  }));
  expect(
    written.map(({ payerId, settlementId, postedFen, cancels, businessDate: day }) => ({
      ...{ payerId, settlementId, postedFen, cancels, day },
    })),
  ).toEqual(told.sort((one, other) => (one.settlementId < other.settlementId ? -1 : 1)));
  expect(written.filter(({ visitId }) => visitId === 'HZ01-1')).toHaveLength(8);

  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('set search_path = adjudication');
    const migration = new Adjudication1700000000021();
    await migration.down(client);
    await migration.up(client);
  } finally {
    await client.end();
  }
  expect(await rows()).toEqual(written);
});

import { messagingMigrations } from '@caretab/bus';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { OwnSide } from '@caretab/host';
import { MemoryStore, TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { adjudication } from '..';
import { AdjudicationStage, bed, employee, personId, surgery } from '../../test/claims';
import { claimLines } from '../claim/claim-lines';
import { claimTable } from '../claim/claim.table';
import { coverageTable } from '../claim/coverage.table';
import { tables } from '../tables';

/** Of the end of each visit. */
const DAY = '2026-03-03';
const BUCKETS = Array.from({ length: 64 }, (_, bucket) => bucket);
const [ADJUDICATED, OPEN] = ['HZ01-ADJUDICATED', 'HZ01-OPEN'];

let database: TestDatabase;
let store: TypeOrmStore;

/** What the release before left: a visit that was adjudicated, and one that is still open. */
const rowsBefore = async () => {
  const stage = new AdjudicationStage(new MemoryStore());
  await stage.registerHospital();
  await stage.memberships.replace(personId, [employee]);
  await stage.open(ADJUDICATED);
  await stage.open(OPEN);
  await stage.close(ADJUDICATED, 1, [surgery, bed]);
  return stage.read(async (transaction) => ({
    coverages: await transaction.rows(coverageTable).find({}, { orderBy: 'visitId' }),
    claims: await transaction.rows(claimTable).find({}),
  }));
};

beforeAll(async () => {
  database = await testDatabase();
  const place = { url: database.url, schema: 'adjudication', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [...messagingMigrations, ...adjudication.migrations.slice(0, 1)],
  });
  await older.close();
  const { coverages, claims } = await rowsBefore();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('set search_path = adjudication');
  for (const row of coverages)
    await client.query('insert into coverage values ($1, $2, $3, $4, $5, $6, $7)', [
      ...[row.visitId, row.personId, row.institutionId, row.careDate],
      ...[JSON.stringify(row.entitlements), JSON.stringify(row.snapshot), row.determinedAt],
    ]);
  for (const row of claims)
    await client.query(
      'insert into claim values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)',
      [
        ...[row.visitId, row.revision, row.claimId, row.personId, row.institutionId],
        ...[row.contentHash, JSON.stringify(row.coverage), JSON.stringify(row.totals)],
        ...[JSON.stringify(row.payers), JSON.stringify(row.steps), row.patientDueFen],
        ...[JSON.stringify(row.effects), row.adjudicatedAt],
      ],
    );
  await client.end();
  store = await TypeOrmStore.open({
    ...place,
    tables,
    migrations: [...messagingMigrations, ...adjudication.migrations],
  });
});
afterAll(async () => {
  await store?.close();
  await database?.drop();
});

test('a visit that was open in an earlier release is adjudicated and compared by the day of its end; an earlier claim from its next revision on', async () => {
  const stage = new AdjudicationStage(store);
  await stage.registerHospital();
  await stage.memberships.replace(personId, [employee]);
  const own = new OwnSide(store, claimLines);
  const compared = async () =>
    (await own.visits(DAY, BUCKETS)).visits.map(({ visitId, revision }) => [visitId, revision]);
  expect(await compared()).toEqual([]);
  await stage.close(OPEN, 1, [surgery, bed]);
  expect(await compared()).toEqual([[OPEN, 1]]);
  await stage.close(ADJUDICATED, 2, [surgery]);
  expect(await compared()).toEqual([
    [ADJUDICATED, 2],
    [OPEN, 1],
  ]);
});

import { messagingMigrations } from '@caretab/bus';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { type AgreementSide, bucketOf, OwnSide } from '@caretab/host';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { adjudication } from '..';
import { AdjudicationStage, bed, employee, personId, surgery } from '../../test/claims';
import { tables } from '../tables';
import { claimAgreementWith, claimLines } from './claim-lines';

/** Of the end of each visit. */
const DAY = '2026-03-03';
const VISITS = ['HZ01-A', 'HZ01-B', 'HZ01-C'];
const ALTERED = 'HZ01-B';

let database: TestDatabase;
let store: TypeOrmStore;
let client: Client;

beforeEach(async () => {
  database = await testDatabase();
  store = await TypeOrmStore.open({
    url: database.url,
    schema: 'adjudication',
    poolMax: 4,
    tables,
    migrations: [...messagingMigrations, ...adjudication.migrations],
  });
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('set search_path = adjudication');
});
afterEach(async () => {
  await client?.end();
  await store?.close();
  await database?.drop();
});

/** Three adjudicated visits, one of them revised, and the ledger with their verdicts. */
const world = async () => {
  const stage = new AdjudicationStage(store);
  await stage.registerHospital();
  await stage.memberships.replace(personId, [employee]);
  for (const visitId of VISITS) {
    await stage.open(visitId);
    await stage.close(visitId, 1, [surgery, bed]);
  }
  await stage.close(ALTERED, 2, [surgery]);
  const own = new OwnSide(store, claimLines);
  const all = Array.from({ length: 64 }, (_, bucket) => bucket);
  const known = { day: await own.day(DAY), visits: await own.visits(DAY, all) };
  const nothing = await own.day('2020-01-01');
  const theirs: AgreementSide = {
    day: async (day) => (day === DAY ? known.day : { ...nothing, day }),
    visits: async (day, buckets) => ({
      visits: known.visits.visits.filter(
        ({ visitId }) => day === DAY && buckets.includes(bucketOf(visitId)),
      ),
    }),
  };
  const agreement = claimAgreementWith(theirs, {
    store,
    clock: stage.clock,
    logger: { warn: () => undefined, info: () => undefined } as never,
    config: { AGREEMENT_SETTLE_MS: 600_000, AGREEMENT_INTERVAL_MS: 60_000 } as never,
  });
  return {
    agreement,
    verdicts: known.visits.visits,
    settle: () => stage.clock.advance(600_000),
    revise: (visitId: string, revision: number) => stage.close(visitId, revision, [bed]),
  };
};

test('claims that were not altered agree', async () => {
  const { agreement, verdicts } = await world();
  expect(verdicts.map(({ visitId, revision }) => [visitId, revision])).toEqual([
    ['HZ01-A', 1],
    ['HZ01-B', 2],
    ['HZ01-C', 1],
  ]);
  expect(await agreement.compare()).toMatchObject({ differences: 0 });
});

test.each([
  ['the patient’s due', `update claim set patient_due_fen = patient_due_fen - 1 where latest`],
  [
    'an insurer’s part',
    `update claim set payers = jsonb_set(payers, '{0,amountFen}',
       to_jsonb((payers->0->>'amountFen')::bigint + 1)) where latest`,
  ],
  [
    'the insurer',
    `update claim set payers = jsonb_set(payers, '{0,payerId}', '"resident"') where latest`,
  ],
])('%s that was altered in a claim is found, and its visit held', async (_what, sql) => {
  const { agreement, settle, revise } = await world();
  const latest = `visit_id = '${ALTERED}' and revision = 2`;
  const { rowCount } = await client.query(sql.replace('latest', latest));
  expect(rowCount).toBe(1);
  await agreement.compare();
  settle();
  expect(await agreement.compare()).toMatchObject({ differences: 1, held: 1 });
  const { rows } = await client.query<{ visit_id: string }>('select visit_id from difference');
  expect(rows).toEqual([{ visit_id: ALTERED }]);
  await expect(revise(ALTERED, 3)).rejects.toThrow('put it right before its revision 3');
  await revise('HZ01-A', 2);
});

test('a claim that is gone is held at once, and no longer once it is back as it was', async () => {
  const { agreement } = await world();
  const where = `visit_id = '${ALTERED}' and revision = 2`;
  await client.query(`create table kept as select * from claim where ${where}`);
  await client.query(`create table kept_line as select * from claim_line where ${where}`);
  await client.query(`delete from claim_line where ${where}`);
  await client.query(`delete from claim where ${where}`);
  expect(await agreement.compare()).toMatchObject({ differences: 1, held: 1 });
  await client.query('insert into claim select * from kept');
  await client.query('insert into claim_line select * from kept_line');
  expect(await agreement.compare()).toMatchObject({ differences: 0, held: 0 });
});

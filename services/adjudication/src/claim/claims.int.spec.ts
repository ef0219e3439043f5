import { TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { messagingMigrations } from '@caretab/bus';
import { adjudication } from '..';
import { tables } from '../tables';
import { claimBatchesSuite } from '../../test/claim-batches.suite';
import { accumulatorTable } from './accumulator.table';
import { claimAnswer } from './claim-answer';
import {
  AdjudicationStage,
  bed,
  employee,
  escort,
  evergreen,
  mesh,
  personId,
  surgery,
} from '../../test/claims';

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

const settledOf = async (visitId: string) =>
  (await stage.published()).filter(
    ({ type, data }) => type === 'SettlementPosted' && data.visitId === visitId,
  );

test('a visit is covered, settled, revised and read back, with the rows the memory store would hold', async () => {
  await stage.open('HZ01-1');
  await stage.close('HZ01-1', 1, [surgery, mesh, bed, escort]);
  await stage.close('HZ01-1', 1, [surgery, mesh, bed, escort]);
  await expect(stage.close('HZ01-1', 1, [surgery])).rejects.toThrow('CLAIM_CONFLICT');
  await stage.close('HZ01-1', 2, [surgery, bed, escort]);
  const answer = await claimAnswer(store, 'HZ01-1', [{}]);
  expect(answer).toMatchObject({
    revision: 2,
    totals: {
      grossFen: 276_000,
      ownExpenseFen: 22_000,
      overLimitFen: 22_000,
      firstSelfPayFen: 0,
      inScopeFen: 232_000,
    },
  });
  expect(answer.lines.map(({ chargeId }) => chargeId)).toEqual(['surgery', 'bed', 'escort']);
  expect(answer.inputs?.plans).toMatchObject([
    { planId: 'employee-basic', inScopeUsedFen: 0, personalAccountFen: 100_000 },
    { planId: 'evergreen-supplement', inScopeUsedFen: 0, personalAccountFen: 0 },
  ]);
  expect(answer.revisions.map(({ cause }) => cause?.charges)).toEqual([
    undefined,
    [{ chargeId: 'mesh', beforeFen: 148_000, afterFen: 0 }],
  ]);
  const postings = await settledOf('HZ01-1');
  expect(postings.map(({ data }) => data.revision)).toEqual([1, 1, 1, 1, 2, 2]);
  expect(postings.reduce((sum, { data }) => sum + data.postedFen, 0)).toBe(
    answer.payers.reduce((sum, { amountFen }) => sum + amountFen, 0),
  );
});

test(
  'ten visits of one person closed at once use deductible, accumulators and ' +
    'account as if one after the other',
  async () => {
    const visits = Array.from({ length: 10 }, (_, index) => `HZ01-C${index}`);
    const account = async () => (await stage.memberships.of(personId)).personalAccounts[0]!.usedFen;
    const used = () =>
      stage.read((transaction) =>
        transaction
          .rows(accumulatorTable)
          .get({ personId, planId: 'employee-basic', year: 2026, benefit: 'inpatient' }),
      );
    const before = (await used())!;
    await Promise.all(visits.map((visitId) => stage.open(visitId)));
    await Promise.all(visits.map((visitId) => stage.close(visitId, 1, [surgery])));
    expect((await used())!.inScopeUsedFen - before.inScopeUsedFen).toBe(2_280_000);
    expect(await account()).toBe(100_000);
    const evergreenUsed = await stage.read((transaction) =>
      transaction
        .rows(accumulatorTable)
        .get({ personId, planId: 'evergreen-supplement', year: 2026, benefit: 'inpatient' }),
    );
    expect(evergreenUsed!.deductibleUsedFen).toBe(100_000);
  },
);

test('the same visit closed by two consumers at once is settled once', async () => {
  await stage.open('HZ01-T');
  const outcomes = await Promise.allSettled(
    [1, 2, 3].map(() => stage.close('HZ01-T', 1, [surgery])),
  );
  expect(outcomes.every(({ status }) => status === 'fulfilled')).toBe(true);
  expect(
    (await stage.published()).filter(
      ({ type, data }) => type === 'ClaimAdjudicated' && data.visitId === 'HZ01-T',
    ),
  ).toHaveLength(1);
});

describe('a batch', () => {
  const opened: TypeOrmStore[] = [];
  afterAll(() => Promise.all(opened.map((one) => one.close())));
  claimBatchesSuite(async () => {
    const own = await TypeOrmStore.open({
      url: database.url,
      schema: 'adjudication_batches',
      tables,
      migrations: [...messagingMigrations, ...adjudication.migrations],
      poolMax: 10,
    });
    opened.push(own);
    return own;
  });
});

test('a batch settles one visit first and another again: claims are written before their lines', async () => {
  await stage.open('HZ01-21');
  await stage.open('HZ01-22');
  await stage.close('HZ01-22', 1, [surgery]);
  await stage.handle([
    stage.closed('HZ01-21', 1, [surgery, bed]),
    stage.closed('HZ01-22', 2, [surgery, escort]),
  ]);
  expect(await claimAnswer(store, 'HZ01-21', [{}])).toMatchObject({ revision: 1 });
  const again = await claimAnswer(store, 'HZ01-22', [{}]);
  expect(again.revisions[1]).toMatchObject({ cause: { what: 'charges', chargesChanged: 1 } });
});

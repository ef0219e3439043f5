import { messagingMigrations } from '@caretab/bus';
import { fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { adjudication } from '..';
import { AdjudicationStage, personId, surgery } from '../../test/claims';
import { INSURER, insurerPlan } from '../../test/insurer-plan';
import { claimAnswer } from '../claim/claim-answer';
import { tables } from '../tables';
import { PlanDesk } from './plan-desk';
import { ShadowRuns } from './shadow-runs';

const clock = fixedClock('2026-02-20T12:00:00Z');
let database: TestDatabase;
/** Two connections, as two processes have. */
let stores: TypeOrmStore[];
beforeAll(async () => {
  database = await testDatabase();
  const migrations = [...messagingMigrations, ...adjudication.migrations];
  const open = () =>
    TypeOrmStore.open({ url: database.url, schema: 'adjudication', tables, migrations });
  stores = [await open(), await open()];
});
afterAll(async () => {
  for (const store of stores ?? []) await store.close();
  await database?.drop();
});

const desks = (): PlanDesk[] => stores.map((store) => new PlanDesk(store, clock));
const put = async (content: Readonly<Record<string, unknown>>): Promise<string> => {
  const { document, findings } = await desks()[0]!.put(INSURER, content, 'actuary');
  expect(findings).toEqual([]);
  const { version } = document!;
  const runs = new ShadowRuns(stores[0]!, clock);
  await runs.begin(INSURER, version, 'actuary');
  while ((await runs.runOnce()) > 0);
  return version;
};

test('of two documents of one plan and day that are approved at once, one is', async () => {
  const named = (en: string) => insurerPlan({ from: '2026-02-25', name: { zh: '名', en } });
  const versions = [await put(named('one')), await put(named('two'))];
  const outcomes = await Promise.allSettled(
    versions.map((version, at) => desks()[at]!.approve(INSURER, version, 'second')),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = outcomes.find((it) => it.status === 'rejected') as PromiseRejectedResult;
  expect(refused.reason).toMatchObject({ code: 'PLAN_DOCUMENT_DAY_TAKEN' });
});

test('a document is dropped or approved, never both', async () => {
  const version = await put(insurerPlan({ from: '2026-02-26' }));
  const [first, second] = desks() as [PlanDesk, PlanDesk];
  const outcomes = await Promise.allSettled([
    first.drop(INSURER, version),
    second.approve(INSURER, version, 'second'),
  ]);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('visits of one person that end at once use a counter once each, and a revision gives it back', async () => {
  await desks()[0]!.approve(INSURER, await put(insurerPlan({ from: '2026-03-01' })), 'second');
  const [one, two] = stores.map((store) => new AdjudicationStage(store)) as [
    AdjudicationStage,
    AdjudicationStage,
  ];
  await one.registerHospital();
  const sunrise = { planId: 'sunrise-care', psnType: '11', from: '2026-01-01' };
  const basic = { planId: 'employee-basic', psnType: '11', from: '2026-01-01' };
  await one.memberships.replace(personId, [basic, sunrise]);
  for (const visitId of ['HZ01-1', 'HZ01-2']) await one.handle([one.opened(visitId)]);
  await Promise.all([
    one.handle([one.closed('HZ01-1', 1, [surgery])]),
    two.handle([two.closed('HZ01-2', 1, [surgery])]),
  ]);
  const stepOf = async (visitId: string) => {
    const { steps } = await claimAnswer(stores[0]!, visitId, [{}]);
    return steps.find(({ planId }) => planId === 'sunrise-care')!;
  };
  const steps = [await stepOf('HZ01-1'), await stepOf('HZ01-2')];
  const deductibles = steps.map(({ deductibleFen }) => deductibleFen);
  expect(deductibles.sort((a, b) => a - b)).toEqual([0, 1000]);
  // The one that used the deductible is taken back: the other one keeps its place, and the next
  // visit uses it.
  const [used, other] = steps[0]!.deductibleFen > 0 ? ['1', '2'] : ['2', '1'];
  await one.handle([one.closed(`HZ01-${used}`, 2, [])]);
  await one.handle([one.closed(`HZ01-${other}`, 2, [surgery])]);
  await one.handle([one.opened('HZ01-3'), one.closed('HZ01-3', 1, [surgery])]);
  expect((await stepOf(`HZ01-${other}`)).deductibleFen).toBe(0);
  expect((await stepOf('HZ01-3')).deductibleFen).toBe(1000);
});

test('two processes share one run: each page is looked at once', async () => {
  const now = fixedClock('2026-03-20T12:00:00Z');
  const runs = stores.map((store) => new ShadowRuns(store, now));
  const version = await put(insurerPlan({ from: '2026-05-01' }));
  await runs[0]!.begin(INSURER, version, 'actuary');
  const toItsEnd = async (run: ShadowRuns): Promise<void> => {
    for (let idle = 0; idle < 20;) idle = (await run.runOnce()) > 0 ? 0 : idle + 1;
  };
  await Promise.all(runs.map(toItsEnd));
  const { state, visits, differences } = await runs[1]!.show(INSURER, version);
  expect([state, visits, differences.claims]).toEqual(['ended', 3, 3]);
});

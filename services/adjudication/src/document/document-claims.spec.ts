import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { AdjudicationStage, employee, line, mesh, personId, surgery } from '../../test/claims';
import { approveTried, bureauPlan, INSURER, insurerPlan } from '../../test/insurer-plan';
import { claimAnswer } from '../claim/claim-answer';
import { planUseTable } from './document.table';
import type { Owner } from './owner';
import { PlanDesk } from './plan-desk';

const visit = 'HZ01-1001';
const sunrise = { planId: 'sunrise-care', psnType: '11', from: '2026-01-01' };
let store: MemoryStore;
let stage: AdjudicationStage;
beforeEach(async () => {
  store = new MemoryStore();
  stage = new AdjudicationStage(store);
  await stage.registerHospital();
});

/** Puts and approves documents on the day before the visits of the stage. */
const approve = async (
  content: Readonly<Record<string, unknown>>,
  owner: Owner = INSURER,
): Promise<string> => {
  const clock = fixedClock('2026-02-20T12:00:00Z');
  const desk = new PlanDesk(store, clock);
  const { document, findings } = await desk.put(owner, content, 'actuary');
  expect(findings).toEqual([]);
  await approveTried({ store, clock }, owner, document!.version);
  return document!.version;
};
const uses = () =>
  store
    .transact((transaction) =>
      transaction.rows(planUseTable).find({ personId }, { orderBy: 'key' }),
    )
    .then((rows) => rows.map(({ key, value }) => [key, value]));
const answer = () => claimAnswer(store, visit, [{}]);

test('a plan of a payer that no release knows decides the next visit', async () => {
  const version = await approve(insurerPlan({ from: '2026-03-01' }));
  await stage.memberships.replace(personId, [sunrise, employee]);
  await stage.open(visit);
  const [, determined] = await stage.published();
  expect(determined!.data.coverage).toMatchObject({
    visitClass: 'inpatient',
    plans: [{ planId: 'employee-basic' }, { planId: 'sunrise-care', document: { version } }],
  });
  await stage.close(visit, 1, [surgery, mesh]);
  const { payers, patientDueFen, explanation, totals } = await answer();
  const [basic, own] = payers;
  // What the basic plan left of 3,650.00 in scope, 10.00 of it the deductible; half of the rest.
  const left = totals.inScopeFen + totals.firstSelfPayFen - basic!.fundFen;
  expect(own).toMatchObject({ payerId: 'sunrise-health', amountFen: (left - 1000) / 2 });
  expect(patientDueFen).toBe(totals.grossFen - basic!.amountFen - own!.amountFen);
  expect(explanation!.verdict.plans[1]).toMatchObject({ plan: 'sunrise-care', version });
  expect(explanation!.zh.join('\n')).toContain('半额给付');
  const posted = (await stage.published()).filter(({ type }) => type === 'SettlementPosted');
  expect(posted.map(({ topic }) => topic)).toContain('insurer.sunrise-health.settlements');
  expect(await uses()).toEqual([
    ['sunrise-care/admissions|covered|2026', 1],
    ['sunrise-care/deductible|covered|2026', 1000],
    ['sunrise-care/paid|covered|2026', own!.amountFen],
  ]);
});

test('a further revision takes back what the earlier one used, and keeps its version', async () => {
  const version = await approve(insurerPlan({ from: '2026-03-01' }));
  await stage.memberships.replace(personId, [sunrise]);
  await stage.open(visit);
  await stage.close(visit, 1, [surgery]);
  const before = [await uses(), (await answer()).patientDueFen];
  await stage.close(visit, 2, []);
  expect(await uses()).toEqual([
    ['sunrise-care/admissions|covered|2026', 1],
    ['sunrise-care/deductible|covered|2026', 0],
    ['sunrise-care/paid|covered|2026', 0],
  ]);
  await approve(
    insurerPlan({ from: '2026-03-02', counters: {}, layers: layersAt('90%'), examples: [nothing] }),
  );
  await stage.close(visit, 3, [surgery]);
  expect([await uses(), (await answer()).patientDueFen]).toEqual(before);
  expect((await answer()).coverage.plans[0]!.document!.version).toBe(version);
});

const nothing = {
  ...{ name: 'nothing', expect: { fund: '0.00' } },
  claim: { facts: {}, totals: { inScope: '0.00' } },
};
const layersAt = (rate: string) => [{ id: 'main', base: ['inScope', 'ownExpense'], rate }];
const atRate = (rate: string, by: string, from: string) =>
  insurerPlan({
    ...{ from, year: { by, versionBy: by }, counters: {}, layers: layersAt(rate) },
    examples: [nothing],
  });

test.each([
  ['admission', '40%'],
  ['discharge', '60%'],
])('a claim is settled by the version of its %s, as the plan says', async (by, rate) => {
  // Admitted on 2 March, discharged on 3 March.
  await approve(atRate('40%', by, '2026-03-01'));
  await approve(atRate('60%', by, '2026-03-03'));
  await stage.memberships.replace(personId, [sunrise]);
  await stage.open(visit);
  await stage.close(visit, 1, [line('bed', 'B', 10_000)]);
  expect((await answer()).payers[0]!.amountFen).toBe(parseInt(rate, 10) * 100);
});

test('a document of the bureau supersedes a table, and a coordination file says who pays first', async () => {
  await approve(
    bureauPlan({ from: '2026-03-01', counters: {}, layers: layersAt('50%'), examples: [nothing] }),
    'bureau',
  );
  await approve(
    insurerPlan({ from: '2026-03-01', counters: {}, layers: layersAt('50%'), examples: [nothing] }),
  );
  const order = (plans: string[], from: string) => ({
    ...{ schema: 'caretab-coordination/1', region: '330100', name: { zh: '次序', en: 'order' } },
    ...{ from, to: null, source: { title: 'own', url: null, grade: 'C' } },
    order: plans.map((plan) => ({ plan })),
  });
  await approve(order(['sunrise-care', 'city-basic'], '2026-03-01'), 'bureau');
  await stage.memberships.replace(personId, [
    { planId: 'city-basic', psnType: '11', from: '2026-01-01' },
    sunrise,
  ]);
  await stage.open(visit);
  await stage.close(visit, 1, [line('bed', 'B', 10_000)]);
  const { payers, explanation } = await answer();
  expect(payers.map(({ planId, amountFen }) => [planId, amountFen])).toEqual([
    ['city-basic', 2500],
    ['sunrise-care', 5000],
  ]);
  expect(explanation!.verdict.plans.map(({ plan }) => plan)).toEqual([
    'sunrise-care',
    'city-basic',
  ]);
});

test('a membership may say facts that a document looks at, and no others', async () => {
  const filed = { care: 'inpatient', transferFiled: true };
  await approve(insurerPlan({ from: '2026-03-01', when: filed, examples: [exampleOf(filed)] }));
  const said = (facts: Record<string, boolean>) =>
    stage.memberships.replace(personId, [{ ...sunrise, facts }]);
  await expect(said({ colour: true })).rejects.toThrow('MEMBERSHIP_FACT_UNKNOWN');
  expect((await said({ transferFiled: true })).memberships).toMatchObject([
    { planId: 'sunrise-care', facts: { transferFiled: true } },
  ]);
  await stage.open(visit);
  await said({});
  await stage.open('HZ01-1002');
  for (const visitId of [visit, 'HZ01-1002']) await stage.close(visitId, 1, [surgery]);
  expect((await answer()).payers).toMatchObject([{ amountFen: (surgery.amountFen - 1000) / 2 }]);
  expect((await claimAnswer(store, 'HZ01-1002', [{}])).payers).toEqual([]);
});

const exampleOf = (facts: Record<string, unknown>) => ({
  ...{ name: 'filed', expect: { fund: '10.00' } },
  claim: { facts, totals: { inScope: '30.00' } },
});

describe('a claim by a document that is settled again', () => {
  const care = (amountFen: number) => line('c', '250101015', amountFen);
  const settle = async (visitId: string, revision: number, amountFen: number) => {
    await stage.open(visitId);
    await stage.close(visitId, revision, [care(amountFen)]);
    return (await claimAnswer(store, visitId, [{}])).payers[0]?.fundFen ?? 0;
  };
  beforeEach(async () => {
    await approve(insurerPlan({ from: '2026-03-01' }));
    await stage.memberships.replace(personId, [sunrise]);
  });

  test('stands on the counters of its place: the deductible that a later visit used is its own', async () => {
    expect(await settle('HZ01-A', 1, 600)).toBe(0);
    expect(await settle('HZ01-B', 1, 100_000)).toBe((100_000 - 400) / 2);
    expect(await settle('HZ01-A', 2, 6000)).toBe((6000 - 1000) / 2);
  });

  test('is paid no more than a later visit left of the cap of the year', async () => {
    expect(await settle('HZ01-A', 1, 100_000)).toBe(49_500);
    expect(await settle('HZ01-B', 1, 1_200_000)).toBe(500_000 - 49_500);
    expect(await settle('HZ01-A', 2, 300_000)).toBe(49_500);
  });
});

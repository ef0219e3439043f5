import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { AdjudicationStage, employee, line, personId } from '../../test/claims';
import { INSURER, insurerPlan } from '../../test/insurer-plan';
import { claimLineTable, claimTable } from '../claim/claim.table';
import { planUseTable } from './document.table';
import { PlanDesk } from './plan-desk';
import { ShadowRuns } from './shadow-runs';
import { addClaim, asSeenBy, bandOf, emptyShadow, type ShadowClaim } from './shadow-tally';

const sunrise = { planId: 'sunrise-care', psnType: '11', from: '2026-01-01' };
let store: MemoryStore;
let stage: AdjudicationStage;
let runs: ShadowRuns;
let desk: PlanDesk;
beforeEach(async () => {
  store = new MemoryStore();
  stage = new AdjudicationStage(store);
  // The visits of the stage end on the day after it.
  runs = new ShadowRuns(store, fixedClock('2026-03-03T12:00:00Z'));
  desk = new PlanDesk(store, stage.clock);
  await stage.registerHospital();
});

const put = async (content: Readonly<Record<string, unknown>>): Promise<string> => {
  const { document, findings } = await desk.put(INSURER, content, 'actuary');
  expect(findings).toEqual([]);
  return document!.version;
};
const toItsEnd = async (with_ = runs): Promise<number> => {
  let pages = 0;
  while ((await with_.runOnce()) > 0) pages += 1;
  return pages;
};
/** Puts, runs and approves a plan before the visits of the stage. */
const inForce = async (changes: Readonly<Record<string, unknown>>): Promise<string> => {
  const before = fixedClock('2026-02-20T12:00:00Z');
  const version = await put(insurerPlan({ from: '2026-03-01', ...changes }));
  await new ShadowRuns(store, before).begin(INSURER, version, 'actuary');
  await toItsEnd();
  await new PlanDesk(store, before).approve(INSURER, version, 'second');
  return version;
};
const rate = (text: string) => ({
  counters: {},
  layers: [{ id: 'main', base: ['inScope'], rate: text }],
  examples: [
    {
      ...{ name: 'nothing', expect: { fund: '0.00' } },
      claim: { facts: {}, totals: { inScope: '0.00' } },
    },
  ],
});
/** So many visits of one person, each of 200.00 in scope. */
const visits = async (count: number): Promise<void> => {
  await stage.memberships.replace(personId, [sunrise]);
  for (let at = 1; at <= count; at += 1) {
    await stage.open(`HZ01-${1000 + at}`);
    await stage.close(`HZ01-${1000 + at}`, 1, [line('bed', '250101015', 20_000)]);
  }
};
const everything = () =>
  store.transact(async (transaction) => [
    await transaction.rows(claimTable).find({}),
    await transaction.rows(claimLineTable).find({}),
    await transaction.rows(planUseTable).find({}),
  ]);

test('a run says who would bear what, by payer, band and person type, and touches nothing', async () => {
  await inForce(rate('40%'));
  await visits(3);
  const before = [await everything(), (await stage.published()).length];
  const version = await put(insurerPlan({ from: '2026-04-01', ...rate('60%') }));
  expect(await runs.begin(INSURER, version, 'actuary')).toMatchObject({ state: 'running' });
  await toItsEnd();
  const run = await runs.show(INSURER, version);
  const payer = { wasFen: 24_000, wouldBeFen: 36_000 };
  const patient = { wasFen: 36_000, wouldBeFen: 24_000 };
  expect(run).toMatchObject({
    ...{ state: 'ended', visits: 3, fromDay: '2026-02-01', toDay: '2026-03-03' },
    differences: {
      ...{ claims: 3, changed: 3, notCompared: 0, patient },
      payers: { 'sunrise-health': payer, 'all others': { wasFen: 0, wouldBeFen: 0 } },
      bands: { '0-500': { claims: 3, payer, patient } },
      personTypes: { '11': { claims: 3, payer, patient } },
    },
  });
  expect([await everything(), (await stage.published()).length]).toEqual(before);
});

test('the document in force, run over its own claims, changes none', async () => {
  const version = await inForce({});
  await visits(4);
  await runs.begin(INSURER, version, 'actuary');
  await toItsEnd();
  const { differences } = await runs.show(INSURER, version);
  expect(differences).toMatchObject({ claims: 4, changed: 0 });
});

test('a run goes on where another process stood, and counts each visit once', async () => {
  await inForce(rate('40%'));
  await visits(60);
  const version = await put(insurerPlan({ from: '2026-04-01', ...rate('60%') }));
  await runs.begin(INSURER, version, 'actuary');
  const pages = await toItsEnd(new ShadowRuns(store, stage.clock));
  expect(pages).toBeGreaterThan(31);
  expect((await runs.show(INSURER, version)).differences.claims).toBe(60);
  await runs.begin(INSURER, version, 'actuary');
  await runs.runOnce();
  await toItsEnd(new ShadowRuns(store, stage.clock));
  expect((await runs.show(INSURER, version)).differences.claims).toBe(60);
});

test('a cap that is reached earlier pays nothing later: what a claim would use is carried on', async () => {
  const capped = (text: string, cap: string) => ({
    counters: { fund: { counts: 'fund', within: 'year' } },
    layers: [
      {
        ...{ id: 'main', base: ['inScope'], rate: text },
        caps: [{ on: 'fund', amount: cap, counter: 'fund' }],
      },
    ],
    examples: rate(text).examples,
  });
  await inForce(capped('40%', '1000.00'));
  await visits(4);
  // 200.00 a visit: 120.00, 120.00, and 60.00 are left of the cap; each for itself it were 480.00.
  const version = await put(insurerPlan({ from: '2026-04-01', ...capped('60%', '300.00') }));
  await runs.begin(INSURER, version, 'actuary');
  await toItsEnd();
  const { payers, patient } = (await runs.show(INSURER, version)).differences;
  expect(payers['sunrise-health']).toEqual(sums(32_000, 30_000));
  expect(patient).toEqual(sums(48_000, 50_000));
});

test('other days can be named, and no approval rests on a short one', async () => {
  const version = await put(insurerPlan());
  const begin = (fromDay: string, toDay?: string) =>
    runs.begin(INSURER, version, 'actuary', { fromDay, toDay });
  await expect(begin('2026-03-02', '2026-03-01')).rejects.toThrow('SHADOW_RUN_DAYS');
  await expect(begin('2026-03-01', '2026-03-04')).rejects.toThrow('SHADOW_RUN_DAYS');
  expect(await begin('2026-03-02')).toMatchObject({ fromDay: '2026-03-02', toDay: '2026-03-03' });
  await expect(begin('2026-03-02', '2026-03-01')).rejects.toThrow('SHADOW_RUN_DAYS');
  await toItsEnd();
  await expect(desk.approve(INSURER, version, 'second')).rejects.toThrow('PLAN_DOCUMENT_NOT_TRIED');
  expect(await begin('2025-01-01')).toMatchObject({ state: 'running' });
  await toItsEnd();
  expect((await desk.approve(INSURER, version, 'second')).state).toBe('approved');
});

test('claims of other plans, and those whose lines were not kept whole, are not compared', async () => {
  await inForce(rate('40%'));
  await visits(1);
  await stage.memberships.replace(personId, [employee]);
  await stage.open('HZ01-2');
  await stage.close('HZ01-2', 1, [line('bed', '250101015', 20_000)]);
  await store.transact(async (transaction) => {
    const lines = transaction.rows(claimLineTable);
    await lines.save(...(await lines.find({})).map((row) => ({ ...row, quantity: null })));
  });
  const version = await put(insurerPlan({ from: '2026-04-01', ...rate('60%') }));
  await runs.begin(INSURER, version, 'actuary');
  await toItsEnd();
  const run = await runs.show(INSURER, version);
  expect(run).toMatchObject({ visits: 2, differences: { claims: 0, notCompared: 1 } });
});

test('without a run that has ended no document is approved', async () => {
  const version = await put(insurerPlan());
  const approve = () => desk.approve(INSURER, version, 'second');
  await expect(runs.show(INSURER, version)).rejects.toThrow('SHADOW_RUN_UNKNOWN');
  await expect(approve()).rejects.toThrow('PLAN_DOCUMENT_NOT_TRIED');
  await runs.begin(INSURER, version, 'actuary');
  await expect(approve()).rejects.toThrow('PLAN_DOCUMENT_NOT_TRIED');
  await toItsEnd();
  expect((await approve()).state).toBe('approved');
});

test('an insurer reads of other payers their sum alone', () => {
  const claim: ShadowClaim = {
    ...{ payerId: 'a', personType: '11', grossFen: 100 },
    payers: { a: sums(1, 2), b: sums(3, 4), c: sums(5, 6) },
    patient: sums(7, 4),
  };
  const { payers } = asSeenBy(addClaim(emptyShadow, claim), 'a');
  expect(payers).toEqual({ a: sums(1, 2), 'all others': sums(8, 10) });
});

const sums = (wasFen: number, wouldBeFen: number) => ({ wasFen, wouldBeFen });

test.each([
  [0, '0-500'],
  [50_000, '0-500'],
  [50_001, '500-1000'],
  [10_000_000, '20000-100000'],
  [10_000_001, '100000-'],
])('%i fen are in the band %s', (fen, band) => expect(bandOf(fen)).toBe(band));

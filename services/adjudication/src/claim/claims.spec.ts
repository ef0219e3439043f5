import { MemoryStore } from '@caretab/store';
import fc from 'fast-check';
import { accumulatorTable } from './accumulator.table';
import {
  AdjudicationStage,
  bed,
  employee,
  escort,
  evergreen,
  institutionId,
  line,
  mesh,
  personId,
  surgery,
} from '../../test/claims';
import { claimBatchesSuite } from '../../test/claim-batches.suite';
import { claimAnswer } from './claim-answer';
import { claimLineTable, claimTable } from './claim.table';
import { Estimates } from './estimates';

const visit = 'HZ01-1001';
let stage: AdjudicationStage;
beforeEach(async () => {
  stage = new AdjudicationStage(new MemoryStore());
  await stage.registerHospital();
});

const accumulators = (): Promise<unknown[]> =>
  stage
    .read((transaction) =>
      transaction.rows(accumulatorTable).find({ personId }, { orderBy: 'planId' }),
    )
    .then((rows) =>
      rows.map(({ planId, benefit, deductibleUsedFen, inScopeUsedFen, fundUsedFen }) => ({
        planId,
        benefit,
        deductibleUsedFen,
        inScopeUsedFen,
        fundUsedFen,
      })),
    );
const postings = async () =>
  (await stage.published()).filter(({ type }) => type === 'SettlementPosted');

describe('a batch', () => {
  // Others go on at every step, as they do where each statement is a round trip.
  claimBatchesSuite(async () => new MemoryStore({ at: () => new Promise(setImmediate) }));
});

describe('an opened visit', () => {
  test(
    'is given the terms of the plans the person belongs to on its first day, basic ' +
      'before supplementary',
    async () => {
      await stage.memberships.replace(personId, [evergreen, employee]);
      await stage.open(visit);
      const [determined] = await stage.published();
      expect(determined).toMatchObject({
        topic: 'adjudication.claims',
        type: 'CoverageDetermined',
        data: {
          visitId: visit,
          personId,
          coverage: { catalogueDate: '2026-03-02', hospitalLevel: 'level-3' },
        },
      });
      expect(
        determined!.data.coverage.plans.map(({ planId }: { planId: string }) => planId),
      ).toEqual(['employee-basic', 'evergreen-supplement']);
    },
  );

  test('of a person without a membership is covered by no plan', async () => {
    await stage.open(visit);
    expect((await stage.published())[0]!.data.coverage.plans).toEqual([]);
  });

  test('is not covered by a membership that has ended or not begun', async () => {
    await stage.memberships.replace(personId, [
      { ...employee, to: '2026-03-01' },
      { ...evergreen, from: '2026-03-03' },
    ]);
    await stage.open(visit);
    expect((await stage.published())[0]!.data.coverage.plans).toEqual([]);
  });

  test('begins on the day it is in China, not in Greenwich', async () => {
    await stage.open(visit, { startedAt: '2026-03-02T18:00:00.000Z' });
    expect((await stage.published())[0]!.data.coverage.catalogueDate).toBe('2026-03-03');
  });

  test('is held, by name, while its institution’s level is not known', async () => {
    await expect(stage.open('HZ99-1', { institutionId: 'HZ99' })).rejects.toMatchObject({
      ...{ code: 'INSTITUTION_UNKNOWN', kind: 'awaited' },
    });
    expect(await stage.published()).toEqual([]);
  });

  test('is given its coverage once: the same again says nothing, another person in it is a conflict', async () => {
    await stage.open(visit);
    await stage.open(visit);
    expect(await stage.published()).toHaveLength(1);
    await expect(
      stage.open(visit, { personId: 'p-00000000-0000-4000-8000-000000000002' }),
    ).rejects.toThrow('COVERAGE_CONFLICT');
    expect(await stage.published()).toHaveLength(1);
  });
});

describe('a closed visit', () => {
  test('is settled line by line, told to the ledger, and posted to each insurer with its own part alone', async () => {
    await stage.memberships.replace(personId, [employee, evergreen]);
    await stage.open(visit);
    await stage.close(visit, 1, [surgery, mesh, bed, escort]);
    const [, claim, basic, supplement] = await stage.published();
    expect(claim).toMatchObject({
      type: 'ClaimAdjudicated',
      data: {
        visitId: visit,
        revision: 1,
        grossFen: 424_000,
        patientDueFen: 157_841,
        payers: [
          { payerId: 'city-employee', amountFen: 233_864 },
          { payerId: 'evergreen-health', amountFen: 32_295 },
        ],
      },
    });
    expect(basic).toMatchObject({
      topic: 'insurer.city-employee.settlements',
      data: {
        institutionId,
        planId: 'employee-basic',
        businessDate: '2026-03-03',
        grossFen: 424_000,
        postedFen: 233_864,
        totalFen: 233_864,
      },
    });
    expect(supplement).toMatchObject({
      topic: 'insurer.evergreen-health.settlements',
      data: { postedFen: 32_295, totalFen: 32_295 },
    });
    for (const { data } of [basic!, supplement!]) {
      expect(
        data.lines.reduce(
          (sum: number, { payersFen }: { payersFen: number }) => sum + payersFen,
          0,
        ),
      ).toBe(data.totalFen);
    }
    expect(await accumulators()).toEqual([
      {
        planId: 'employee-basic',
        benefit: 'inpatient',
        deductibleUsedFen: 80_000,
        inScopeUsedFen: 365_200,
        fundUsedFen: 233_864,
      },
      {
        planId: 'evergreen-supplement',
        benefit: 'inpatient',
        deductibleUsedFen: 100_000,
        inScopeUsedFen: 146_136,
        fundUsedFen: 32_295,
      },
    ]);
  });

  test('of a person without a plan is all the patient’s, and no insurer hears of it', async () => {
    await stage.open(visit);
    await stage.close(visit, 1, [surgery]);
    expect((await stage.published()).slice(1)).toMatchObject([
      { type: 'ClaimAdjudicated', data: { payers: [], patientDueFen: 228_000 } },
    ]);
  });

  test('the same revision again changes nothing', async () => {
    await stage.memberships.replace(personId, [employee]);
    await stage.open(visit);
    await stage.close(visit, 1, [surgery]);
    const before = [await stage.published(), await accumulators()];
    await stage.close(visit, 1, [surgery]);
    expect([await stage.published(), await accumulators()]).toEqual(before);
  });

  test('the same revision with other content is a conflict, and nothing is changed', async () => {
    await stage.memberships.replace(personId, [employee]);
    await stage.open(visit);
    await stage.close(visit, 1, [surgery]);
    const before = [await stage.published(), await accumulators()];
    await expect(stage.close(visit, 1, [surgery, bed])).rejects.toThrow('CLAIM_CONFLICT');
    expect([await stage.published(), await accumulators()]).toEqual(before);
  });

  test('a visit that is said to be closed for another person is refused, and nothing is settled', async () => {
    await stage.open(visit, { personId: 'p-00000000-0000-4000-8000-00000000ffff' });
    const before = await stage.published();
    await expect(stage.close(visit, 1, [surgery])).rejects.toThrow('CLAIM_PERSON_DIFFERS');
    expect(await stage.published()).toEqual(before);
  });

  test.each([
    ['whose lines make another sum', [surgery], { grossFen: 228_001 }, '/grossFen'],
    ['with a charge twice', [surgery, surgery], {}, '/lines'],
    ['at another institution', [surgery], { institutionId: 'HZ02' }, '/institutionId'],
  ])('a closing %s is refused, and nothing is settled', async (_what, lines, changes, field) => {
    await stage.open(visit);
    const before = [await stage.published(), await accumulators()];
    await expect(stage.take(stage.closed(visit, 1, lines, changes))).rejects.toMatchObject({
      ...{ code: 'MESSAGE_IMPOSSIBLE', details: { field } },
    });
    expect([await stage.published(), await accumulators()]).toEqual(before);
  });

  test('waits to be tried again while its coverage is not determined', () =>
    expect(stage.close(visit, 1, [surgery])).rejects.toThrow('is not determined yet'));

  test('is settled with what other visits used meanwhile: the yearly deductible is paid once', async () => {
    await stage.memberships.replace(personId, [employee]);
    await stage.open('HZ01-1', { visitClass: 'outpatient' });
    await stage.open('HZ01-2', { visitClass: 'outpatient' });
    await stage.close('HZ01-1', 1, [line('a', 'XL01FD01', 100_000)], 'outpatient');
    await stage.close('HZ01-2', 1, [line('b', 'XL01FD01', 100_000)], 'outpatient');
    // 85 000 in scope each; the first uses 85 000 of the deductible of 100 000, the second 15 000,
    // and 76 % of 70 000 is paid.
    expect((await postings()).map(({ data }) => [data.visitId, data.postedFen])).toEqual([
      ['HZ01-2', 53_200],
    ]);
  });

  test('keeps the entitlements of its opening, whatever is told of memberships meanwhile', async () => {
    await stage.memberships.replace(personId, [employee]);
    await stage.open(visit);
    await stage.memberships.replace(personId, []);
    await stage.close(visit, 1, [surgery]);
    expect(await postings()).toHaveLength(1);
    expect((await postings())[0]!.data.settledAt).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  test('that became an admission is settled as one', async () => {
    await stage.memberships.replace(personId, [employee]);
    await stage.open(visit, { visitClass: 'emergency' });
    await stage.close(visit, 1, [surgery], 'inpatient');
    expect((await postings())[0]!.data.totalFen).toBe(121_360); // (228 000 − 80 000) × 82 %
  });

  test('spends the personal account before cash, and no more of it than is there', async () => {
    await stage.memberships.replace(personId, [{ ...employee, personalAccountYuan: '500.00' }]);
    await stage.open('HZ01-1');
    await stage.open('HZ01-2');
    await stage.close('HZ01-1', 1, [surgery]);
    await stage.close('HZ01-2', 1, [surgery]);
    const [first, second] = await postings();
    expect([first!.data.totalFen, second!.data.totalFen]).toEqual([171_360, 121_360]);
    expect((await stage.memberships.of(personId)).personalAccounts).toEqual([
      { planId: 'employee-basic', creditedFen: 50_000, usedFen: 50_000 },
    ]);
  });
});

describe('a revised visit', () => {
  test('takes back what the earlier revision used, cancels its settlements whole, and is settled again', async () => {
    await stage.memberships.replace(personId, [
      { ...employee, personalAccountYuan: 300 },
      evergreen,
    ]);
    await stage.open(visit);
    await stage.close(visit, 1, [surgery, mesh, escort]);
    await stage.close(visit, 2, [bed, escort]);
    const last = await postings();
    // The bed alone stays below both deductibles: the funds owe nothing any more, the account pays
    // the bed.
    expect(
      last.slice(2).map(({ data }) => ({
        planId: data.planId,
        revision: data.revision,
        postedFen: data.postedFen,
        totalFen: data.totalFen,
        day: data.businessDate,
        cancels: data.cancels,
      })),
    ).toEqual([
      ...last.slice(0, 2).map(({ data }) => ({
        planId: data.planId,
        revision: 1,
        postedFen: -data.postedFen,
        totalFen: 0,
        day: '2026-03-05',
        cancels: data.settlementId,
      })),
      {
        planId: 'employee-basic',
        revision: 2,
        postedFen: 26_000,
        totalFen: 26_000,
        day: '2026-03-05',
        cancels: undefined,
      },
    ]);
    for (const planId of ['employee-basic', 'evergreen-supplement']) {
      const ofPlan = last.filter(({ data }) => data.planId === planId);
      expect(ofPlan.reduce((sum, { data }) => sum + data.postedFen, 0)).toBe(
        ofPlan.at(-1)!.data.totalFen,
      );
    }
    expect(await accumulators()).toEqual([
      {
        planId: 'employee-basic',
        benefit: 'inpatient',
        deductibleUsedFen: 4000,
        inScopeUsedFen: 4000,
        fundUsedFen: 0,
      },
      {
        planId: 'evergreen-supplement',
        benefit: 'inpatient',
        deductibleUsedFen: 4000,
        inScopeUsedFen: 4000,
        fundUsedFen: 0,
      },
    ]);
    expect((await stage.memberships.of(personId)).personalAccounts).toEqual([
      { planId: 'employee-basic', creditedFen: 30_000, usedFen: 26_000 },
    ]);
    await expect(claimAnswer(stage.store, visit, [{}])).resolves.toMatchObject({
      revision: 2,
      totals: { grossFen: 48_000 },
      revisions: [{ revision: 1 }, { revision: 2 }],
    });
  });

  test('is not undone by an older revision that comes late', async () => {
    await stage.memberships.replace(personId, [employee]);
    await stage.open(visit);
    await stage.close(visit, 1, [surgery, mesh]);
    await stage.close(visit, 2, [surgery]);
    await stage.close(visit, 1, [surgery, mesh]);
    expect(
      (await stage.published()).filter(({ type }) => type === 'ClaimAdjudicated'),
    ).toMatchObject([{ data: { revision: 1 } }, { data: { revision: 2 } }]);
  });

  test('waits where the claim before it is missing: what that settled could not be cancelled', async () => {
    await stage.open(visit);
    await expect(stage.close(visit, 2, [surgery])).rejects.toThrow('is missing: restore it');
    expect(await postings()).toEqual([]);
  });
});

describe('the year of the totals', () => {
  const years = () =>
    stage
      .read((transaction) => transaction.rows(accumulatorTable).find({ personId }))
      .then((rows) => rows.map(({ year, inScopeUsedFen }) => [year, inScopeUsedFen]));
  /** 23:59:59 and 00:00:00 in China. */
  const [lastSecond, newYear] = ['2026-12-31T15:59:59Z', '2026-12-31T16:00:00Z'];

  test.each([
    [lastSecond, 2026],
    [newYear, 2027],
  ])('care of December that is settled at %s counts in %i', async (settledAt, year) => {
    await stage.memberships.replace(personId, [employee]);
    await stage.open(visit);
    stage.clock.set(settledAt);
    await stage.close(visit, 1, [surgery]);
    expect(await years()).toEqual([[year, 228_000]]);
  });

  test('stays that of the first settlement where the visit is corrected after New Year', async () => {
    await stage.memberships.replace(personId, [employee]);
    await stage.open(visit);
    stage.clock.set(lastSecond);
    await stage.close(visit, 1, [surgery, bed]);
    stage.clock.set('2027-01-04T02:00:00Z');
    await stage.close(visit, 2, [surgery]);
    expect(await years()).toEqual([[2026, 228_000]]);
  });
});

describe('whose claim it is', () => {
  const seen = (scope: object) => claimAnswer(stage.store, visit, [scope]);
  beforeEach(async () => {
    await stage.memberships.replace(personId, [employee, evergreen]);
    await stage.open(visit);
    await stage.close(visit, 1, [surgery, mesh]);
  });

  test('its hospital and its person see it, and to others there is none', async () => {
    const whole = await seen({});
    expect(await seen({ institution: institutionId })).toEqual(whole);
    expect(await seen({ person: personId })).toEqual(whole);
    for (const other of [
      { institution: 'HZ02' },
      { person: 'p-other' },
      { payer: 'another-payer' },
    ])
      await expect(seen(other)).rejects.toMatchObject({ code: 'CLAIM_UNKNOWN' });
  });

  test('an insurer sees its own part alone', async () => {
    const [mine, ...others] = (await seen({})).payers;
    expect(others.length).toBeGreaterThan(0);
    const own = await seen({ payer: mine!.payerId });
    const payersOf = (parts: readonly { readonly payerId: string }[]) => [
      ...new Set(parts.map(({ payerId }) => payerId)),
    ];
    for (const parts of [own.payers, own.steps, own.coverage.plans])
      expect(payersOf(parts)).toEqual([mine!.payerId]);
    const { memberships } = await stage.memberships.within([{ payer: mine!.payerId }], personId);
    expect(memberships).toHaveLength(1);
    expect(await stage.memberships.within([{ person: 'p-other' }], personId)).toMatchObject({
      memberships: [],
      personalAccounts: [],
    });
  });

  test('a hospital asks what care would cost for those who had a visit there', async () => {
    const request = {
      ...{ personId, careDate: '2026-03-02', lines: [] },
      ...{ visitClass: 'inpatient' as const, hospitalLevel: 'level-3' as const },
    };
    const estimates = new Estimates({ store: stage.store, clock: stage.clock });
    await expect(estimates.of(request, [{ institution: institutionId }])).resolves.toBeDefined();
    await expect(estimates.of(request, [{ person: personId }])).resolves.toBeDefined();
    for (const scope of [{ institution: 'HZ02' }, { person: 'p-other' }])
      await expect(estimates.of(request, [scope])).rejects.toMatchObject({
        code: 'ACCESS_FORBIDDEN',
      });
  });
});

test('an estimate is the verdict a closing now would bring, and leaves nothing behind', async () => {
  await stage.memberships.replace(personId, [employee, evergreen]);
  const request = {
    personId,
    careDate: '2026-03-02',
    visitClass: 'inpatient' as const,
    hospitalLevel: 'level-3' as const,
    lines: [surgery, mesh].map(({ itemCode, quantity, amountFen }) => ({
      itemCode,
      quantity,
      amountFen,
    })),
  };
  const estimated = await new Estimates({ store: stage.store, clock: stage.clock }).of(request, [
    {},
  ]);
  expect([await stage.published(), await accumulators()]).toEqual([[], []]);
  await stage.open(visit);
  await stage.close(visit, 1, [surgery, mesh]);
  expect((await claimAnswer(stage.store, visit, [{}])).patientDueFen).toBe(estimated.patientDueFen);
});

test(
  'whatever is closed, repeated and revised: accumulators are the sum of the ' +
    'standing claims, postings add up, every claim balances',
  () => {
    const charges = fc.shuffledSubarray([surgery, mesh, bed, escort], { minLength: 0 });
    const steps = fc.array(
      fc.record({
        visit: fc.constantFrom('HZ01-1', 'HZ01-2', 'HZ01-3'),
        lines: charges,
        again: fc.boolean(),
        account: fc.integer({ min: 0, max: 2000 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    return fc.assert(
      fc.asyncProperty(steps, async (list) => {
        stage = new AdjudicationStage(new MemoryStore());
        await stage.registerHospital();
        await stage.memberships.replace(personId, [
          { ...employee, personalAccountYuan: list[0]!.account },
          evergreen,
        ]);
        const revisions = new Map<string, number>();
        for (const { visit: visitId, lines, again } of list) {
          const revision = (revisions.get(visitId) ?? 0) + 1;
          revisions.set(visitId, revision);
          await stage.open(visitId);
          await stage.close(visitId, revision, lines);
          if (again) await stage.close(visitId, revision, lines);
        }
        const claims = await stage.read((transaction) => transaction.rows(claimTable).find({}));
        const standing = claims.filter(
          ({ visitId, revision }) => revisions.get(visitId) === revision,
        );
        for (const row of await stage.read((transaction) =>
          transaction.rows(accumulatorTable).find({}),
        )) {
          const effects = standing
            .flatMap((claim) => claim.effects)
            .filter(({ planId }) => planId === row.planId);
          expect(row.inScopeUsedFen).toBe(
            effects.reduce((sum, { inScopeFen }) => sum + inScopeFen, 0),
          );
          expect(row.fundUsedFen).toBe(effects.reduce((sum, { fundFen }) => sum + fundFen, 0));
        }
        const posted = (await postings()).reduce(
          (sum, { data }) => sum + (data.postedFen as number),
          0,
        );
        expect(posted).toBe(
          standing
            .flatMap(({ payers }) => payers)
            .reduce((sum, { amountFen }) => sum + amountFen, 0),
        );
        for (const claim of claims) {
          const lines = await stage.read((transaction) =>
            transaction
              .rows(claimLineTable)
              .find({ visitId: claim.visitId, revision: claim.revision }),
          );
          expect(claim.totals.grossFen).toBe(
            claim.payers.reduce((sum, { amountFen }) => sum + amountFen, claim.patientDueFen),
          );
          expect(lines.reduce((sum, { patientFen }) => sum + patientFen, 0)).toBe(
            claim.patientDueFen,
          );
        }
      }),
      { numRuns: 60 },
    );
  },
);

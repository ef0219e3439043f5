import { findBenefit, findPlan, planTerms, plans, unused } from './plans';

const employee = findPlan('employee-basic')!;
const visit = {
  date: '2026-03-02',
  psnType: '11',
  visitClass: 'inpatient' as const,
  hospitalLevel: 'level-3' as const,
};

test('the 2020 table gives an employed inpatient of a level 3 hospital 82, 88 and 90 per cent above 800 yuan', () =>
  expect(planTerms(employee, visit, unused)).toEqual({
    planId: 'employee-basic',
    payerId: 'city-employee',
    kind: 'basic',
    deductibleFen: 80_000,
    deductibleUsedFen: 0,
    bands: [
      { upToFen: 4_000_000, rateBps: 8200 },
      { upToFen: 36_000_000, rateBps: 8800 },
      { upToFen: null, rateBps: 9000 },
    ],
    inScopeUsedFen: 0,
    fundCapFen: null,
    fundUsedFen: 0,
    personalAccountFen: 0,
    covers: ['inScope'],
  }));

test('a retired person has the retired rates', () => {
  expect(
    planTerms(employee, { ...visit, psnType: '12', hospitalLevel: 'community' }, unused).bands.map(
      ({ rateBps }) => rateBps,
    ),
  ).toEqual([9200, 9600, 9000]);
  expect(
    planTerms(employee, { ...visit, psnType: '12', visitClass: 'emergency' }, unused),
  ).toMatchObject({ deductibleFen: 30_000, bands: [{ upToFen: null, rateBps: 8200 }] });
});

test('an outpatient deductible is used up over the year, an inpatient one starts anew with each admission', () => {
  const used = { ...unused, deductibleUsedFen: 70_000, inScopeUsedFen: 90_000 };
  expect(planTerms(employee, { ...visit, visitClass: 'outpatient' }, used)).toMatchObject({
    deductibleUsedFen: 70_000,
    inScopeUsedFen: 90_000,
  });
  expect(planTerms(employee, visit, used)).toMatchObject({
    deductibleUsedFen: 0,
    inScopeUsedFen: 90_000,
  });
});

test('the terms are those of the version in force on the day', () => {
  const evergreen = findPlan('evergreen-supplement')!;
  expect(planTerms(evergreen, { ...visit, date: '2024-12-31' }, unused).bands[0]!.rateBps).toBe(
    6000,
  );
  expect(planTerms(evergreen, { ...visit, date: '2025-01-01' }, unused).bands[0]!.rateBps).toBe(
    7000,
  );
  expect(() => planTerms(evergreen, { ...visit, date: '2021-12-31' }, unused)).toThrow(
    'PLAN_NOT_IN_FORCE',
  );
});

test('a person of another type has no row in the plan', () =>
  expect(findBenefit(employee, { ...visit, psnType: '1404' })).toBeUndefined());

test(
  'the plans are well formed: bands rise to an open or last one, versions do not ' +
    'overlap, every insurer has an id',
  () => {
    expect(new Set(plans.map(({ planId }) => planId)).size).toBe(plans.length);
    for (const { versions, payerId } of plans) {
      expect(payerId).toMatch(/^[a-z0-9][a-z0-9-]{1,30}$/);
      versions
        .slice(1)
        .forEach((version, index) =>
          expect(version.effectiveFrom > versions[index]!.effectiveTo!).toBe(true),
        );
      for (const bands of versions
        .flatMap(({ benefits }) => benefits)
        .flatMap((row) => Object.values(row.bands))) {
        const limits = bands.map(({ upToYuan }) => upToYuan ?? Infinity);
        expect(limits).toEqual([...limits].sort((a, b) => a - b));
      }
    }
  },
);

test('a plan that pays later covers at least what an earlier one does, in the same order', () => {
  const covers = [...plans]
    .sort((a, b) => (a.kind === b.kind ? 0 : a.kind === 'basic' ? -1 : 1))
    .map((plan) => plan.covers);
  covers
    .slice(1)
    .forEach((later, index) =>
      expect(later.slice(0, covers[index]!.length)).toEqual(covers[index]),
    );
});

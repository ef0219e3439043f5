import type { ClaimLine, Coverage, PlanTerms, VisitClass } from '@caretab/contracts';
import {
  adjudicate as adjudicateClaim,
  type Claim,
  exampleFindings,
  readPlan,
} from '@caretab/plans';
import fc from 'fast-check';
import { patientPartsByTables, settleByTables } from '../test/by-tables';
import { adjudicate } from './adjudicate';
import { itemsOn } from './catalogue';
import { addTotals, classify, emptyTotals, itemTermsOf, type ScopeTotals } from './classify';
import { type Accumulators, findBenefit, planTerms, plans } from './plans';
import { patientEstimate, type PlanStep, SCOPES, settle, type Settlement } from './settle';
import { planFileOf } from './translation';

const fen = fc.integer({ min: 0, max: 100_000_000 });
const rateBps = fc.integer({ min: 0, max: 10_000 });
const bands = fc
  .record({
    limits: fc.uniqueArray(fc.integer({ min: 1, max: 60_000_000 }), { maxLength: 3 }),
    rates: fc.array(rateBps, { minLength: 4, maxLength: 4 }),
    open: fc.boolean(),
  })
  .map(({ limits, rates, open }) => {
    const sorted = [...limits].sort((a, b) => a - b);
    return [...sorted, ...(open || sorted.length === 0 ? [null] : [])].map((upToFen, index) => ({
      upToFen,
      rateBps: rates[index]!,
    }));
  });
const plan: fc.Arbitrary<PlanTerms> = fc
  .record({
    planId: fc.uuid(),
    payerId: fc.constantFrom('city-employee', 'evergreen-health', 'city-aid'),
    kind: fc.constantFrom('basic' as const, 'supplementary' as const),
    deductibleFen: fen,
    deductibleUsedFen: fen,
    bands,
    inScopeUsedFen: fen,
    fundCapFen: fc.option(fen),
    fundUsedFen: fen,
    personalAccountFen: fc.integer({ min: 0, max: 500_000 }),
    covers: fc.option(fc.shuffledSubarray([...SCOPES], { minLength: 1 }), { nil: undefined }),
  })
  .map(({ covers, ...terms }) => (covers ? { ...terms, covers } : terms));
const coverages: fc.Arbitrary<Coverage> = fc.record({
  coverageId: fc.constant('coverage'),
  catalogueDate: fc.constantFrom('2020-06-01', '2026-03-02'),
  hospitalLevel: fc.constantFrom('level-3' as const, 'level-2' as const, 'community' as const),
  plans: fc.array(plan, { maxLength: 4 }),
});
const totalsOfClaims: fc.Arbitrary<ScopeTotals> = fc
  .tuple(fen, fen, fen, fen)
  .map(([ownExpenseFen, overLimitFen, firstSelfPayFen, inScopeFen]) => ({
    grossFen: ownExpenseFen + overLimitFen + firstSelfPayFen + inScopeFen,
    ownExpenseFen,
    overLimitFen,
    firstSelfPayFen,
    inScopeFen,
  }));
const codes = [...itemsOn('2026-03-02').map(({ code }) => code), 'UNKNOWN-1', 'C0201-STENT'];
const linesOfClaims: fc.Arbitrary<ClaimLine[]> = fc
  .array(
    fc.record({
      itemCode: fc.constantFrom(...codes),
      quantity: fc.constantFrom('1', '2', '0.5', '12.3333'),
      amountFen: fc.integer({ min: 0, max: 2_000_000 }),
    }),
    { maxLength: 25 },
  )
  .map((list) =>
    list.map((line, index) => ({
      ...line,
      chargeId: `c${index}`,
      occurredAt: '2026-03-02T01:00:00Z',
    })),
  );

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);

test('gross = Σ payers + patient, and no part is negative, whatever the plans', () =>
  fc.assert(
    fc.property(coverages, totalsOfClaims, (terms, amounts) => {
      const { payers, patientFen, steps } = settle(terms, amounts);
      expect(sum(payers.map(({ amountFen }) => amountFen)) + patientFen).toBe(amounts.grossFen);
      expect(
        [patientFen, ...payers.map(({ amountFen }) => amountFen)].every(
          (part) => Number.isSafeInteger(part) && part >= 0,
        ),
      ).toBe(true);
      expect(
        payers.every(
          ({ amountFen, fundFen, personalAccountFen }) =>
            amountFen === fundFen + personalAccountFen,
        ),
      ).toBe(true);
      for (const step of steps)
        expect(step.deductibleFen + step.coPaymentFen + step.aboveCapFen + step.fundFen).toBe(
          step.baseFen,
        );
    }),
  ));

test('a plan never pays beyond its cap, nor an account beyond its balance', () =>
  fc.assert(
    fc.property(coverages, totalsOfClaims, (terms, amounts) => {
      settle(terms, amounts).steps.forEach((step, index) => {
        const { fundCapFen, fundUsedFen, personalAccountFen } = terms.plans[index]!;
        expect(step.fundFen).toBeLessThanOrEqual(
          fundCapFen === null ? Infinity : Math.max(0, fundCapFen - fundUsedFen),
        );
        expect(step.personalAccountFen).toBeLessThanOrEqual(personalAccountFen);
        expect(step.coPaymentFen).toBeGreaterThanOrEqual(0);
      });
    }),
  ));

test('no plan pays own expense unless its terms say so, and an account never does', () =>
  fc.assert(
    fc.property(coverages, totalsOfClaims, (terms, amounts) => {
      const basicOnly = { plans: terms.plans.map(({ covers: _, ...rest }) => rest) };
      expect(settle(basicOnly, amounts).patientFen).toBeGreaterThanOrEqual(amounts.ownExpenseFen);
    }),
  ));

test('a further charge never lowers what the patient owes, nor raises it by more than itself', () => {
  // Exact as long as a later plan covers at least what the earlier ones do, as every plan of ours
  // does (plans.spec.ts).
  const widening = fc
    .tuple(coverages, fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 }))
    .map(([terms, widths]) => {
      const sorted = [...widths].sort((a, b) => a - b);
      return {
        plans: terms.plans.map((each, index) => ({
          ...each,
          covers: SCOPES.slice(0, sorted[index]),
        })),
      };
    });
  fc.assert(
    fc.property(widening, totalsOfClaims, totalsOfClaims, (terms, amounts, more) => {
      const raised =
        patientEstimate(terms, addTotals(amounts, more)) - patientEstimate(terms, amounts);
      expect(raised).toBeGreaterThanOrEqual(0);
      expect(raised).toBeLessThanOrEqual(more.grossFen);
    }),
    { numRuns: 500 },
  );
});

test('the estimate is the verdict: patientEstimate equals settle', () =>
  fc.assert(
    fc.property(coverages, totalsOfClaims, (terms, amounts) => {
      expect(patientEstimate(terms, amounts)).toBe(settle(terms, amounts).patientFen);
    }),
  ));

test('a charge falls into four parts that add up to it', () =>
  fc.assert(
    fc.property(coverages, linesOfClaims, (terms, charges) => {
      for (const line of charges) {
        const { grossFen, ownExpenseFen, overLimitFen, firstSelfPayFen, inScopeFen } = classify(
          terms,
          line,
        );
        expect(ownExpenseFen + overLimitFen + firstSelfPayFen + inScopeFen).toBe(grossFen);
        expect(grossFen).toBe(line.amountFen);
        expect(
          Math.min(ownExpenseFen, overLimitFen, firstSelfPayFen, inScopeFen),
        ).toBeGreaterThanOrEqual(0);
      }
    }),
  ));

test(
  'lines settle exactly: each adds up to its amount, together they add up to ' +
    'payers and patient, and per plan to its part',
  () =>
    fc.assert(
      fc.property(coverages, linesOfClaims, (terms, charges) => {
        const verdict = adjudicate(terms, charges);
        for (const line of verdict.lines) {
          expect(line.payersFen + line.patientFen).toBe(line.amountFen);
          expect(Math.min(line.payersFen, line.patientFen)).toBeGreaterThanOrEqual(0);
        }
        expect(sum(verdict.lines.map(({ payersFen }) => payersFen))).toBe(
          sum(verdict.payers.map(({ amountFen }) => amountFen)),
        );
        expect(sum(verdict.lines.map(({ patientFen }) => patientFen))).toBe(verdict.patientDueFen);
        for (const { step, lines: parts } of verdict.plans)
          expect(sum(parts.map(({ payersFen }) => payersFen))).toBe(
            step.fundFen + step.personalAccountFen,
          );
      }),
    ),
);

test('the running estimate of the ledger and the verdict on the closed visit agree to the fen', () =>
  fc.assert(
    fc.property(coverages, linesOfClaims, (terms, charges) => {
      const running = charges.reduce(
        (amounts, line) => addTotals(amounts, classify(terms, line)),
        emptyTotals,
      );
      expect(patientEstimate(terms, running)).toBe(adjudicate(terms, charges).patientDueFen);
    }),
  ));

/** A last band with an end is followed by one that pays nothing: it says so, and pays nothing. */
const paying = (steps: readonly PlanStep[]): PlanStep[] =>
  steps.map((step) => ({ ...step, bands: step.bands.filter(({ rateBps }) => rateBps > 0) }));
const settlement = ({ steps, ...rest }: Settlement) => ({ ...rest, steps: paying(steps) });

test('the terms of tables in the plan language settle totals to the fen, step by step', () =>
  fc.assert(
    fc.property(coverages, totalsOfClaims, (terms, amounts) => {
      expect(settlement(settle(terms, amounts))).toEqual(
        settlement(settleByTables(terms, amounts)),
      );
    }),
    { numRuns: 1000 },
  ));

test('amounts at the limit of what the platform takes stay exact', () => {
  const amounts = { ...emptyTotals, grossFen: 99_999_999_999, inScopeFen: 99_999_999_999 };
  const terms: Pick<Coverage, 'plans'> = {
    plans: [
      {
        ...{ planId: 'large', payerId: 'large-payer', kind: 'basic' },
        ...{ deductibleFen: 1, deductibleUsedFen: 0, inScopeUsedFen: 0, fundUsedFen: 0 },
        ...{ fundCapFen: 100_000_000_000, personalAccountFen: 0 },
        bands: [{ upToFen: 100_000_000_000, rateBps: 9999 }],
      },
    ],
  };
  expect(settle(terms, amounts)).toEqual(settleByTables(terms, amounts));
});

test('line by line they sort as the catalogue does, and each patient’s part is the same', () =>
  fc.assert(
    fc.property(coverages, linesOfClaims, (terms, lines) => {
      // With accounts a line may differ by a fen: funds come first, and are spread first.
      const noAccounts = {
        ...terms,
        plans: terms.plans.map((plan) => ({ ...plan, personalAccountFen: 0 })),
      };
      const verdict = adjudicate(noAccounts, lines);
      expect(verdict.lines.map(({ patientFen }) => patientFen)).toEqual(
        patientPartsByTables(noAccounts, lines),
      );
      const totals = lines.map((line) => classify(terms, line)).reduce(addTotals, emptyTotals);
      const { steps, patientFen } = settleByTables(terms, totals);
      const withAccounts = adjudicate(terms, lines);
      expect(paying(withAccounts.plans.map(({ step }) => step))).toEqual(paying(steps));
      expect([withAccounts.totals, withAccounts.patientDueFen]).toEqual([totals, patientFen]);
    }),
    { numRuns: 300 },
  ));

const files = plans.flatMap((plan) =>
  plan.versions.map((version) => ({ plan, version, file: planFileOf(plan, version) })),
);
const compiledFiles = files.map(({ plan, version, file }) => ({
  ...{ plan, version },
  compiled: readPlan(JSON.stringify(file), plan.planId),
}));

test.each(files)(
  '$plan.planId from $version.effectiveFrom is a plan file without a fault',
  ({ file }) => {
    const plan = readPlan(JSON.stringify(file), file.plan);
    expect(exampleFindings(plan)).toEqual([]);
  },
);

const usedFen = fc.integer({ min: 0, max: 60_000_000 });
const accumulators: fc.Arbitrary<Accumulators> = fc.record({
  deductibleUsedFen: usedFen,
  inScopeUsedFen: usedFen,
  fundUsedFen: usedFen,
  personalAccountFen: fc.constant(0),
});
const types = ['11', '12', '1401', '1402', '1403', '1404', '1405', '15', '16', '1701'];
const care = fc.record({
  date: fc.constantFrom('2023-05-06', '2024-12-31', '2025-01-01', '2026-03-02'),
  visitClass: fc.constantFrom<VisitClass>('outpatient', 'emergency', 'inpatient'),
  hospitalLevel: fc.constantFrom('level-3' as const, 'level-2' as const, 'community' as const),
  psnType: fc.constantFrom(...types),
  /** The visit is settled in a later year: its use counts there. */
  settled: fc.constantFrom('2026-12-31', '2027-01-02'),
});
type Care = typeof care extends fc.Arbitrary<infer Found> ? Found : never;

/** What the tables say: the plans that the person has, with what the year has used. */
const coverageBy = (of: Care, used: Accumulators): Coverage => ({
  ...{ coverageId: 'c', catalogueDate: of.date, hospitalLevel: of.hospitalLevel },
  plans: plans.filter((plan) => findBenefit(plan, of)).map((plan) => planTerms(plan, of, used)),
});

/** The same person's claim for the plan language. */
const claimBy = (of: Care, lines: readonly ClaimLine[]): Claim => {
  const facts = { care: of.visitClass, personType: of.psnType, hospitalLevel: of.hospitalLevel };
  const at = { catalogueDate: of.date, hospitalLevel: of.hospitalLevel };
  return {
    ...{ id: 'visit', person: 'p', family: 'p', facts, days: 1, memberships: undefined },
    ...{ admitted: of.date, discharged: of.settled, settled: of.settled, careDate: of.date },
    ...{ accounts: new Map(), totals: undefined, used: new Map() },
    lines: lines.map((line) => ({
      ...{ id: line.chargeId, amountFen: line.amountFen, quantity: line.quantity },
      ...{ unitPriceFen: undefined, isDated: false, terms: itemTermsOf(at, line.itemCode) },
      circumstances: {
        ...{ facts, used: () => 0 },
        line: { item: line.itemCode, itemCategory: classify(at, line).category },
      },
    })),
  };
};

const usedBy = (of: Care, used: Accumulators): ReadonlyMap<string, number> => {
  const kind = of.visitClass === 'inpatient' ? 'inpatient' : 'outpatient';
  const keyOf = (planId: string, counter: string): string =>
    `${planId}/${kind}-${counter}|p|${of.settled.slice(0, 4)}`;
  return new Map(
    plans.flatMap(({ planId }) => [
      [keyOf(planId, 'deductible'), used.deductibleUsedFen] as const,
      [keyOf(planId, 'costs'), used.inScopeUsedFen] as const,
      [keyOf(planId, 'fund'), used.fundUsedFen] as const,
    ]),
  );
};

test('the plans of the tables, as plan files, pay what the tables pay, to the fen', () =>
  fc.assert(
    fc.property(care, accumulators, linesOfClaims, (of, used, lines) => {
      const coverage = coverageBy(of, used);
      const totals = lines.map((line) => classify(coverage, line)).reduce(addTotals, emptyTotals);
      const { steps, patientFen } = settleByTables(coverage, totals);
      const verdict = adjudicateClaim(
        {
          plans: compiledFiles.map(({ compiled }) => compiled),
          coordination: {
            order: plans.map(({ planId }) => ({ plan: planId, on: 'residue', test: () => true })),
          },
        },
        claimBy(of, lines),
        usedBy(of, used),
      );
      expect(verdict.patientFen).toBe(patientFen);
      expect(verdict.plans.map(({ plan, fundFen }) => [plan, fundFen])).toEqual(
        steps.map(({ planId, fundFen }) => [planId, fundFen]),
      );
      expect(verdict.plans.map(({ steps: [step] }) => step!.deductibleFen)).toEqual(
        steps.map(({ deductibleFen }) => deductibleFen),
      );
      // What the claim uses is what the tables note of it.
      const costs = verdict.moves.filter(({ counter }) => counter.endsWith('-costs'));
      expect(costs.map(({ before, after }) => after - before)).toEqual(
        steps.map(({ baseFen }) => baseFen).filter((fen) => fen > 0),
      );
    }),
    { numRuns: 500 },
  ));

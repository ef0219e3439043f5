import type { ClaimLine, Coverage, VisitClass } from '@caretab/contracts';
import {
  adjudicate as adjudicateClaim,
  type Claim,
  exampleFindings,
  readPlan,
} from '@caretab/plans';
import fc from 'fast-check';
import { coverages, linesOfClaims, totalsOfClaims } from '../test/arbitraries';
import { patientPartsByTables, settleByTables } from '../test/by-tables';
import { adjudicate } from './adjudicate';
import { addTotals, classify, emptyTotals, itemTermsOf } from './classify';
import { type Accumulators, findBenefit, planTerms, plans } from './plans';
import { type PlanStep, settle, type Settlement } from './settle';
import { planFileOf } from './translation';

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

import type { ClaimLine, Coverage, PlanTerms } from '@caretab/contracts';
import fc from 'fast-check';
import { adjudicate } from './adjudicate';
import { itemsOn } from './catalogue';
import { knowDocument } from './documents';
import { type Accumulators, findPlan, planTerms } from './plans';
import { tabOf } from './tab';
import { planFileOf } from './translation';
import { versionOf } from '@caretab/plans';

const DAY = '2026-03-02';
const codes = itemsOn(DAY).map(({ code }) => code);
const person = { date: DAY, psnType: '11', hospitalLevel: 'level-3' } as const;

/** A table's version as a document that this process knows. */
const documentOf = (planId: string): string => {
  const plan = findPlan(planId)!;
  const file = planFileOf(plan, plan.versions.at(-1)!);
  const version = versionOf(file);
  knowDocument({ version, kind: 'plan', file: JSON.stringify(file) });
  return version;
};

const used = fc.record({
  deductibleUsedFen: fc.integer({ min: 0, max: 300_000 }),
  inScopeUsedFen: fc.integer({ min: 0, max: 50_000_000 }),
  fundUsedFen: fc.integer({ min: 0, max: 20_000_000 }),
  personalAccountFen: fc.integer({ min: 0, max: 200_000 }),
});
type Use = Accumulators;

const tableTerms = (planId: string, visitClass: 'inpatient' | 'outpatient', use: Use): PlanTerms =>
  planTerms(findPlan(planId)!, { ...person, visitClass }, use);

/** The same plan by its document, with the same use under the keys of its counters. */
const documentTerms = (terms: PlanTerms, visitClass: string, use: Use): PlanTerms => {
  const key = (counter: string): string => `${terms.planId}/${visitClass}-${counter}|covered|2026`;
  return {
    ...terms,
    ...{ deductibleFen: 0, bands: [{ upToFen: null, rateBps: 0 }], fundCapFen: null },
    document: {
      ...{ version: documentOf(terms.planId), memberFrom: '2026-01-01', memberTo: null },
      facts: { personType: person.psnType },
      used: [
        { key: key('deductible'), value: use.deductibleUsedFen },
        { key: key('costs'), value: use.inScopeUsedFen },
        { key: key('fund'), value: use.fundUsedFen },
      ],
    },
  };
};

const coverageOf = (plans: PlanTerms[], visitClass: 'inpatient' | 'outpatient'): Coverage => ({
  ...{ coverageId: 'c-1', catalogueDate: DAY, hospitalLevel: 'level-3', plans, visitClass },
});

const lines = fc
  .array(
    fc.record({
      itemCode: fc.constantFrom(...codes, 'NO-SUCH-ITEM'),
      quantity: fc.constantFrom('1', '2', '0.5', '7'),
      amountFen: fc.integer({ min: 0, max: 3_000_000 }),
      day: fc.integer({ min: 2, max: 9 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((all) =>
    all.map(({ day, ...line }, at): ClaimLine => ({
      ...{ ...line, chargeId: `c${at}` },
      occurredAt: `2026-03-0${day}T02:00:00.000Z`,
    })),
  );
const visitClasses = fc.constantFrom('inpatient' as const, 'outpatient' as const);

test('a table and its document pay the same to the fen, for every payer, line and reason', () => {
  fc.assert(
    fc.property(lines, used, used, visitClasses, (of, basic, evergreen, visitClass) => {
      const uses = { 'employee-basic': basic, 'evergreen-supplement': evergreen };
      const tables = Object.entries(uses).map(([id, use]) => tableTerms(id, visitClass, use));
      const documents = tables.map((terms) =>
        documentTerms(terms, visitClass, uses[terms.planId as keyof typeof uses]),
      );
      const days = { discharged: '2026-03-09', settled: '2026-03-10' };
      const byTables = adjudicate(coverageOf(tables, visitClass), of, days);
      const mixed = adjudicate(coverageOf([tables[0]!, documents[1]!], visitClass), of, days);
      for (const other of [mixed, adjudicate(coverageOf(documents, visitClass), of, days)]) {
        expect(other.payers).toEqual(byTables.payers);
        expect(other.patientDueFen).toBe(byTables.patientDueFen);
        expect(other.totals).toEqual(byTables.totals);
        expect(other.lines).toEqual(byTables.lines);
      }
    }),
    { numRuns: 150 },
  );
});

test('the estimate of an open visit by documents is the verdict of the visit that ends with its last charge', () => {
  fc.assert(
    fc.property(lines, used, visitClasses, (of, use, visitClass) => {
      const terms = documentTerms(tableTerms('employee-basic', visitClass, use), visitClass, use);
      const coverage = coverageOf([terms], visitClass);
      const discharged = of
        .map(({ occurredAt }) => occurredAt.slice(0, 10))
        .sort()
        .at(-1)!;
      const { totals, patientDueFen } = adjudicate(coverage, of, { discharged });
      expect(tabOf(coverage, of)).toEqual({ totals, patientEstimateFen: patientDueFen });
    }),
    { numRuns: 150 },
  );
});

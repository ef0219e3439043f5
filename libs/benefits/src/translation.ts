import type { PlanTerms } from '@caretab/contracts';
import { formatDecimal, formatYuan } from '@caretab/kernel';
import { compiled, type Plan as CompiledPlan, type PlanFile } from '@caretab/plans';
import { planOfVersion } from './documents';
import { type Benefit, type BenefitKind, findPlan, type Plan, type PlanVersion } from './plans';

/**
 * The tables of this library in the plan language (ADR 90): what a plan or a coverage of them says
 * comes out the same to the fen.
 */

type BandText = [string | null, string];

const rateOf = (rateBps: number): string => `${formatDecimal(BigInt(rateBps), 2)}%`;

/** What lies above a last band with an end is not paid. */
const bandsOf = (
  bands: readonly { readonly upTo: string | null; readonly rateBps: number }[],
): BandText[] => [
  ...bands.map(({ upTo, rateBps }): BandText => [upTo, rateOf(rateBps)]),
  ...(bands.at(-1)!.upTo === null ? [] : [[null, rateOf(0)] as BandText]),
];

const LEVELS = ['level-3', 'level-2', 'community'] as const;
const CARES: Readonly<Record<BenefitKind, string[]>> = {
  outpatient: ['outpatient', 'emergency'],
  inpatient: ['inpatient'],
};

const byLevel = <Value, Text>(
  values: Readonly<Record<(typeof LEVELS)[number], Value>>,
  textOf: (value: Value) => Text,
) => ({
  by: ['level'],
  rows: Object.fromEntries(LEVELS.map((level) => [level, textOf(values[level])])),
});

const layerOf = (row: Benefit, place: number, { covers }: Plan): PlanFile['layers'][number] => {
  const kind = row.benefit;
  return {
    id: `${kind}-${place + 1}`,
    when: { care: CARES[kind], personType: [...row.psnTypes] },
    base: [...covers],
    deductible: {
      amount: byLevel(row.deductibleYuan, String),
      ...(row.deductibleBasis === 'year' && { counter: `${kind}-deductible` }),
    },
    bands: byLevel(row.bands, (bands) =>
      bandsOf(
        bands.map(({ upToYuan, rateBps }) => ({
          upTo: upToYuan === null ? null : String(upToYuan),
          rateBps,
        })),
      ),
    ),
    over: `${kind}-costs`,
    ...(row.fundCapYuan !== null && {
      caps: [{ on: 'fund', amount: String(row.fundCapYuan), counter: `${kind}-fund` }],
    }),
  };
};

/** Counters that a layer of the version looks at, in the order of the kinds. */
const countersOf = ({ benefits }: PlanVersion): NonNullable<PlanFile['counters']> => {
  const counters: NonNullable<PlanFile['counters']> = {};
  for (const { benefit: kind, deductibleBasis, fundCapYuan } of benefits) {
    if (deductibleBasis === 'year')
      counters[`${kind}-deductible`] = { counts: 'deductible', within: 'year' };
    counters[`${kind}-costs`] = { counts: 'base', within: 'year' };
    if (fundCapYuan !== null) counters[`${kind}-fund`] = { counts: 'fund', within: 'year' };
  }
  return counters;
};

const gradeOf = (grade: string): 'A' | 'B' | 'C' => (grade === 'A' || grade === 'B' ? grade : 'C');

/**
 * One version of a plan of the tables as a plan file. The version is that of the first day of care,
 * the year that of the settlement (ADR 31); every plan sorts lines by the standard rules.
 */
export const planFileOf = (plan: Plan, version: PlanVersion): PlanFile => {
  const { effectiveFrom, effectiveTo, source, benefits } = version;
  return {
    schema: 'caretab-plan/1',
    plan: plan.planId,
    name: { ...plan.name },
    payer: plan.payerId,
    kind: plan.kind,
    from: effectiveFrom,
    to: effectiveTo,
    sources: { table: { title: source.title, url: source.url, grade: gradeOf(source.grade) } },
    source: 'table',
    year: { by: 'settlement', versionBy: 'admission' },
    words: {
      level: {
        name: { zh: '医院等级', en: 'level of hospital' },
        cases: LEVELS.map((level) => ({ is: level, when: { hospitalLevel: level } })),
      },
    },
    counters: countersOf(version),
    when: benefits.map(({ benefit, psnTypes }) => ({
      care: CARES[benefit],
      personType: [...psnTypes],
    })),
    lines: 'standard',
    limitBy: 'level',
    layers: benefits.map((row, place) => layerOf(row, place, plan)),
    examples: [],
  };
};

/** The figures of a coverage's plan without what was used of them, as a plan file. */
const fileOfTerms = ({ planId, payerId, kind, ...terms }: PlanTerms): PlanFile => ({
  schema: 'caretab-plan/1',
  plan: planId,
  name: findPlan(planId)?.name ?? { zh: planId, en: planId },
  payer: payerId,
  kind,
  from: '2000-01-01',
  to: null,
  sources: { coverage: { title: 'The coverage of a visit', url: null, grade: 'A' } },
  source: 'coverage',
  counters: {
    deductible: { counts: 'deductible', within: 'lifetime' },
    costs: { counts: 'base', within: 'lifetime' },
    ...(terms.fundCapFen !== null && { fund: { counts: 'fund', within: 'lifetime' } }),
  },
  lines: 'standard',
  layers: [
    {
      id: 'benefit',
      name: { zh: '待遇', en: 'benefit' },
      base: [...(terms.covers ?? ['inScope'])],
      deductible: { amount: formatYuan(terms.deductibleFen), counter: 'deductible' },
      bands: bandsOf(
        terms.bands.map(({ upToFen, rateBps }) => ({
          upTo: upToFen === null ? null : formatYuan(upToFen),
          rateBps,
        })),
      ),
      over: 'costs',
      ...(terms.fundCapFen !== null && {
        caps: [{ on: 'fund', amount: formatYuan(terms.fundCapFen), counter: 'fund' }],
      }),
    },
  ],
  examples: [],
});

/** Plans of coverages by their figures: there are as many as rows in the tables. */
const known = new Map<string, CompiledPlan>();
const KNOWN_MAX = 500;

/** The plan of a coverage's terms: the document that it names, or its figures as a plan. */
export const planOfTerms = (terms: PlanTerms): CompiledPlan => {
  if (terms.document) return planOfVersion(terms.document.version);
  const { planId, payerId, kind, deductibleFen, bands, fundCapFen, covers } = terms;
  const key = JSON.stringify([planId, payerId, kind, deductibleFen, bands, fundCapFen, covers]);
  const found = known.get(key);
  if (found) return found;
  const { plan } = compiled(fileOfTerms(terms));
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(key, plan);
  return plan;
};

import {
  adjudicate,
  type Claim,
  ClaimFile,
  claimOf,
  type Coordination,
  FACTS,
  oneAfterTheOther,
  type Plan,
  PlanFile,
  readFile,
  readPlan,
  type Used,
  type Verdict,
} from '../src';

type Json = Record<string, unknown>;

/** A plan of one layer that pays all of inpatient care, with what a test changes. */
export const planJson = (changes: Json = {}): Json => ({
  schema: 'caretab-plan/1',
  plan: 'test-plan',
  name: { zh: '测试', en: 'Test' },
  payer: 'test-fund',
  kind: 'basic',
  from: '2026-01-01',
  to: null,
  sources: { page: { title: 'A page', url: null, grade: 'A' } },
  source: 'page',
  lines: 'standard',
  layers: [{ id: 'pool', rate: '100%' }],
  examples: [],
  ...changes,
});

export const planOf = (changes: Json = {}): Plan =>
  readPlan(JSON.stringify(planJson(changes)), 'plan.json');

export const claimFrom = (json: Json, ...plans: readonly Plan[]): Claim =>
  claimOf(
    readFile<ClaimFile>(ClaimFile, JSON.stringify({ facts: { care: 'inpatient' }, ...json }), 'c'),
    Object.assign({}, FACTS, ...plans.map(({ facts }) => facts)) as typeof FACTS,
    { name: 'claim.json' },
  );

/** A claim of in-scope costs alone, in yuan. */
export const inScope = (yuan: string, json: Json = {}, ...plans: readonly Plan[]): Claim =>
  claimFrom({ totals: { inScope: yuan }, ...json }, ...plans);

export const verdictOf = (
  plans: readonly Plan[],
  claim: Claim,
  { used, coordination }: { used?: Used; coordination?: Coordination } = {},
): Verdict =>
  adjudicate(
    { plans, coordination: coordination ?? oneAfterTheOther(plans.map(({ file }) => file.plan)) },
    claim,
    used,
  );

export const fundOf = ({ plans }: Verdict): number =>
  plans.reduce((sum, { fundFen }) => sum + fundFen, 0);

/** What is wrong with a plan: `path: why`. */
export const faultsOf = (changes: Json): string[] => {
  try {
    planOf(changes);
  } catch (error) {
    const { findings } = error as { findings: readonly { path: string; why: string }[] };
    return findings.map(({ path, why }) => `${path}: ${why}`);
  }
  return [];
};

export { PlanFile };

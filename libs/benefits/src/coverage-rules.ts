import type { Coverage, PlanTerms } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import type { Coordination, Plan, Rules, Scope } from '@caretab/plans';
import { coordinationOfVersion } from './documents';
import { planOfTerms } from './translation';

/** Whose counters a coverage's are: it is one person's. */
export const COVERED = 'covered';

/** The rules of a coverage, and what was used of them. */
export interface CoverageRules {
  readonly rules: Rules;
  readonly used: ReadonlyMap<string, number>;
  readonly accounts: ReadonlyMap<string, number>;
}

/** A personal account pays what the catalogue lists (自付), never what it does not (自费). */
const ACCOUNT_PAYS: readonly Scope[] = ['inScope', 'direct', 'firstSelfPay', 'overLimit'];

/** The plans of a coverage in the plan language, in its order. */
export const plansOfTerms = ({ plans }: Pick<Coverage, 'plans'>): readonly Plan[] =>
  plans.map(planOfTerms);

const addUsed = (
  { planId, deductibleUsedFen, inScopeUsedFen, fundUsedFen, document }: PlanTerms,
  used: Map<string, number>,
): void => {
  if (document) {
    for (const { key, value } of document.used) used.set(key, value);
    return;
  }
  const key = (counter: string): string => `${planId}/${counter}|${COVERED}|lifetime`;
  used.set(key('deductible'), deductibleUsedFen);
  used.set(key('costs'), inScopeUsedFen);
  used.set(key('fund'), fundUsedFen);
};

/** Funds in their order, each on what the earlier ones left; then the personal account of each. */
const inOrder = (planIds: readonly string[]): Coordination => {
  const test = (): boolean => true;
  return {
    order: [
      ...planIds.map((plan) => ({ plan, on: 'residue' as const, test })),
      ...planIds.map((account) => ({ account, pays: ACCOUNT_PAYS, test })),
    ],
  };
};

/**
 * A coverage's plans as compiled plans, whether it carries terms of tables or names documents, and
 * their order: that of its coordination file, else that of the coverage.
 */
export const rulesOfCoverage = (
  coverage: Pick<Coverage, 'plans' | 'coordination'>,
): CoverageRules => {
  const { plans, coordination } = coverage;
  const planIds = plans.map(({ planId }) => planId);
  assert(new Set(planIds).size === plans.length, 'a plan pays once');
  const used = new Map<string, number>();
  for (const terms of plans) addUsed(terms, used);
  return {
    used,
    accounts: new Map(plans.map(({ planId, personalAccountFen }) => [planId, personalAccountFen])),
    rules: {
      plans: plansOfTerms(coverage),
      coordination:
        coordination === undefined ? inOrder(planIds) : coordinationOfVersion(coordination),
    },
  };
};

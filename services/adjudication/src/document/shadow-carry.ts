import { type Adjudication } from '@caretab/benefits';
import type { Coverage, PlanTerms } from '@caretab/contracts';
import { effectOf, type Effect } from '../claim/accumulators';
import type { ClaimRow } from '../claim/claim.table';

type Used = Pick<Effect, 'deductibleFen' | 'inScopeFen' | 'fundFen'>;

/** What a table used stands under the names that its translation gives its counters (ADR 90). */
export const usedByTable = (
  planId: string,
  { benefit, year }: { readonly benefit: string; readonly year: number },
  { deductibleFen, inScopeFen, fundFen }: Used,
): { readonly key: string; readonly value: number }[] =>
  Object.entries({ deductible: deductibleFen, costs: inScopeFen, fund: fundFen }).map(
    ([counter, value]) => ({ key: `${planId}/${benefit}-${counter}|covered|${year}`, value }),
  );

const accountKey = 'account';
const tableKey = (
  { year, benefit }: Pick<Effect, 'year' | 'benefit'>,
  counter: keyof Used,
): string => `${year} ${benefit} ${counter}`;

type Changes = ReadonlyMap<string, number>;
const NO_CHANGES: Changes = new Map();

/**
 * By how much what one person has used would differ, claim after claim, by plan and counter: a cap
 * that is reached earlier pays nothing later.
 */
export class Carried {
  private readonly byPlan = new Map<string, Map<string, number>>();

  /** The coverage of the person's next claim, with what would have been used before it. */
  into(coverage: Coverage, { effects }: ClaimRow): Coverage {
    if (this.byPlan.size === 0) return coverage;
    return {
      ...coverage,
      plans: coverage.plans.map((terms, at) => {
        const changes = this.byPlan.get(terms.planId);
        return changes ? changedTerms(terms, changes, effects[at]) : terms;
      }),
    };
  }

  /** What the claim would use instead of what it used. */
  add(by: Coverage, claim: ClaimRow, would: Adjudication): void {
    for (const [at, { planId, document }] of by.plans.entries()) {
      const effect = claim.effects[at];
      if (!effect) continue;
      const then = effectOf(effect, would.plans[at]!.step);
      this.change(planId, accountKey, then.personalAccountFen - effect.personalAccountFen);
      if (document) {
        for (const [key, used] of movesOf(planId, would.verdict)) this.change(planId, key, used);
        for (const [key, used] of usedBefore(planId, claim, at)) this.change(planId, key, -used);
      } else
        for (const counter of ['deductibleFen', 'inScopeFen', 'fundFen'] as const)
          this.change(planId, tableKey(effect, counter), then[counter] - effect[counter]);
    }
  }

  private change(planId: string, key: string, by: number): void {
    if (by === 0) return;
    const changes = this.byPlan.get(planId) ?? new Map<string, number>();
    changes.set(key, (changes.get(key) ?? 0) + by);
    this.byPlan.set(planId, changes);
  }
}

const movesOf = (planId: string, { moves }: Adjudication['verdict']): [string, number][] =>
  moves
    .filter(({ counter }) => counter.startsWith(`${planId}/`))
    .map(({ key, before, after }) => [key, after - before]);

/** What a claim used of a plan's counters, as a document names them. */
const usedBefore = (
  planId: string,
  { coverage, effects, verdict }: ClaimRow,
  at: number,
): readonly (readonly [string, number])[] => {
  if (coverage.plans[at]!.document) return verdict ? movesOf(planId, verdict) : [];
  const effect = effects[at]!;
  return usedByTable(planId, effect, effect).map(({ key, value }) => [key, value] as const);
};

const more = (used: number, changes: Changes, key: string): number =>
  Math.max(0, used + (changes.get(key) ?? 0));

const changedTerms = (
  terms: PlanTerms,
  changes: Changes = NO_CHANGES,
  effect: Effect | undefined,
): PlanTerms => {
  const personalAccountFen = Math.max(0, terms.personalAccountFen - (changes.get(accountKey) ?? 0));
  const { document } = terms;
  if (document) {
    const used = new Map(document.used.map(({ key, value }) => [key, value]));
    for (const key of changes.keys())
      if (key.includes('|')) used.set(key, more(used.get(key) ?? 0, changes, key));
    const stands = [...used].map(([key, value]) => ({ key, value }));
    return { ...terms, personalAccountFen, document: { ...document, used: stands } };
  }
  if (!effect) return { ...terms, personalAccountFen };
  return {
    ...terms,
    personalAccountFen,
    deductibleUsedFen: more(terms.deductibleUsedFen, changes, tableKey(effect, 'deductibleFen')),
    inScopeUsedFen: more(terms.inScopeUsedFen, changes, tableKey(effect, 'inScopeFen')),
    fundUsedFen: more(terms.fundUsedFen, changes, tableKey(effect, 'fundFen')),
  };
};

import { plansOfTerms } from '@caretab/benefits';
import type { adjudicationRoutes, RouteAnswer } from '@caretab/contracts';
import { explain, type Verdict, verdictView } from '@caretab/plans';
import type { ClaimRow } from './claim.table';

export type ClaimExplanation = RouteAnswer<typeof adjudicationRoutes.showClaim>['explanation'];

/** As much of a verdict as insurers may see: what their own plans and accounts took. */
export const verdictOfPlans = (verdict: Verdict, planIds: ReadonlySet<string>): Verdict => ({
  ...verdict,
  plans: verdict.plans.filter(({ plan }) => planIds.has(plan)),
  absent: verdict.absent.filter(({ plan }) => planIds.has(plan)),
  accounts: verdict.accounts.filter(({ account }) => planIds.has(account)),
  moves: verdict.moves.filter(({ counter }) => planIds.has(counter.split('/')[0]!)),
});

/**
 * Which rule of which version took what of a claim, because of which numbers: the structure that
 * the command prints, and its two renderings. Undefined for a claim of an earlier release.
 */
export const claimExplanation = ({
  visitId,
  verdict: kept,
  coverage,
}: Pick<ClaimRow, 'visitId' | 'verdict' | 'coverage'>): ClaimExplanation => {
  if (!kept) return undefined;
  const verdict = { ...kept, claim: visitId };
  const plans = plansOfTerms(coverage);
  return {
    zh: explain(verdict, plans, 'zh'),
    en: explain(verdict, plans, 'en'),
    verdict: verdictView(verdict),
  };
};

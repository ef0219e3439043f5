import { explained } from '@caretab/benefits';
import type { adjudicationRoutes, RouteAnswer } from '@caretab/contracts';
import type { Verdict } from '@caretab/plans';
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

/** The explanation of a claim; undefined for a claim of an earlier release. */
export const claimExplanation = ({
  visitId,
  verdict,
  coverage,
}: Pick<ClaimRow, 'visitId' | 'verdict' | 'coverage'>): ClaimExplanation =>
  verdict ? explained(coverage, verdict, visitId) : undefined;

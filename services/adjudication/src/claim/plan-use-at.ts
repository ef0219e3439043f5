import { isWithin, type Scope } from '@caretab/access';
import { findPlan } from '@caretab/benefits';
import type { adjudicationRoutes, RouteAnswer } from '@caretab/contracts';
import type { Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Effect } from './accumulators';
import { type ClaimRow, claimTable } from './claim.table';
import { coverageTable } from './coverage.table';
import { outsideUseAt } from './outside-use';

type UseAnswer = RouteAnswer<typeof adjudicationRoutes.showPlanUse>;
type Sum = UseAnswer['plans'][number];

/** Visits of one person that are looked at together: memory does not grow with all there are. */
const PAGE_VISITS = 500;
/** Every visit that was ever adjudicated has a day of its end. */
const EVER = '2000-01-01';

interface Asked {
  readonly personId: string;
  readonly year: number;
  readonly at: Date;
}

/** Of each visit the claim that stood at the instant. */
const standing = (claims: readonly ClaimRow[], at: Date): ClaimRow[] => {
  const latest = new Map<string, ClaimRow>();
  for (const claim of claims)
    if (claim.adjudicatedAt <= at && (latest.get(claim.visitId)?.revision ?? 0) < claim.revision)
      latest.set(claim.visitId, claim);
  return [...latest.values()];
};

const plus = (sum: Sum | undefined, effect: Effect, claims = 1): Sum => ({
  ...{ planId: effect.planId, benefit: effect.benefit, claims: (sum?.claims ?? 0) + claims },
  deductibleFen: (sum?.deductibleFen ?? 0) + effect.deductibleFen,
  inScopeFen: (sum?.inScopeFen ?? 0) + effect.inScopeFen,
  fundFen: (sum?.fundFen ?? 0) + effect.fundFen,
  personalAccountFen: (sum?.personalAccountFen ?? 0) + effect.personalAccountFen,
});

/** What these visits' claims used, as far as it lies within the scopes. */
const effectsOf = async (
  transaction: Transaction,
  visitIds: readonly string[],
  { personId, year, at }: Asked,
  scopes: readonly Scope[],
): Promise<Effect[]> => {
  const claims = await transaction.rows(claimTable).find({ visitId: { in: visitIds } });
  return standing(claims, at).flatMap(({ effects, coverage }) =>
    effects.filter((effect) => {
      const payer = coverage.plans.find(({ planId }) => planId === effect.planId)?.payerId;
      return effect.year === year && isWithin(scopes, { person: personId, payer });
    }),
  );
};

/**
 * What a person had used of each plan in a year at an instant, by the claims that stood then and by what
 * was known of use elsewhere: those of now make the accumulators. Which visits there were has no owner
 * to fence reads by; their claims have.
 */
export const planUseAt = async (
  store: Store,
  asked: Asked,
  scopes: readonly Scope[],
): Promise<UseAnswer> => {
  const { personId, year, at } = asked;
  const sums = new Map<string, Sum>();
  const add = (effects: readonly Effect[], claims: number): void => {
    for (const effect of effects) {
      const key = `${effect.planId} ${effect.benefit}`;
      sums.set(key, plus(sums.get(key), effect, claims));
    }
  };
  add(await outsideOf(store, asked, scopes), 0);
  let after: { readonly visitId: string } | undefined;
  do {
    const { rows, next } = await store.transact((transaction) =>
      transaction
        .rows(coverageTable)
        .page({ personId, closedDate: { gt: EVER } }, { countMax: PAGE_VISITS, after }),
    );
    const visitIds = rows.map(({ visitId }) => visitId);
    const effects = await store.transact(
      (transaction) => effectsOf(transaction, visitIds, asked, scopes),
      { within: scopes },
    );
    add(effects, 1);
    after = next && { visitId: next.visitId! };
  } while (after);
  const plans = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
  return { personId, year, at: at.toISOString(), plans };
};

/** What was used elsewhere, as far as it lies within the scopes. */
const outsideOf = async (
  store: Store,
  asked: Asked,
  scopes: readonly Scope[],
): Promise<readonly Effect[]> => {
  const effects = await store.transact((transaction) => outsideUseAt(transaction, asked));
  return effects.filter(({ planId }) =>
    isWithin(scopes, { person: asked.personId, payer: findPlan(planId)?.payerId }),
  );
};

/** The question as its door asks it: without an instant, of now. */
export class PlanUses {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  of(
    { personId, year, at }: Omit<Asked, 'at'> & { readonly at: string | undefined },
    scopes: readonly Scope[],
  ): Promise<UseAnswer> {
    const instant = at === undefined ? this.clock.now() : new Date(at);
    return planUseAt(this.store, { personId, year, at: instant }, scopes);
  }
}

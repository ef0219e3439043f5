import { findPlan, planOfVersion } from '@caretab/benefits';
import { type Membership, PLANS_MAX } from '@caretab/contracts';
import { DomainError, parseYuan } from '@caretab/kernel';
import { isPersonFact } from '../document/document-check';
import type { PlanDocumentRow } from '../document/document.table';

const toOf = ({ to }: Membership): string => to ?? '9999-12-31';
const overlap = (a: Membership, b: Membership): boolean => a.from <= toOf(b) && b.from <= toOf(a);

/** The documents that were ever approved of each plan. */
export type Documents = readonly Pick<PlanDocumentRow, 'kind' | 'name' | 'version' | 'planKind'>[];

const documentsOf = (documents: Documents, planId: string): Documents =>
  documents.filter(({ kind, name }) => kind === 'plan' && name === planId);

/** The kind of a plan, by its table or its documents. */
export const kindOf = (planId: string, documents: Documents): string | undefined => {
  const [document] = documentsOf(documents, planId);
  return findPlan(planId)?.kind ?? document?.planKind ?? undefined;
};

/**
 * Whole fen credited to the account of a plan; the same account in several periods counts once,
 * with its highest amount.
 */
export const creditedFen = (list: readonly Membership[], planId: string): number =>
  Math.max(
    0,
    ...list
      .filter((each) => each.planId === planId)
      .map(({ personalAccountYuan }) => parseYuan(String(personalAccountYuan ?? 0))),
  );

/**
 * Refuses (invalid) what cannot be: PLAN_UNKNOWN, PERSON_TYPE_NOT_IN_PLAN,
 * MEMBERSHIP_PERIOD_INVALID, PERSONAL_ACCOUNT_NOT_ALLOWED (only a basic plan keeps one),
 * MEMBERSHIP_FACT_UNKNOWN (a fact that no document of the plan may look at), MEMBERSHIPS_OVERLAP
 * (one plan twice, or two basic plans, on one day: no person is insured twice in the national
 * scheme), MEMBERSHIPS_TOO_MANY (more plans on one day than pay for one visit).
 */
export const checkMemberships = (
  list: readonly Membership[],
  { plansMax = PLANS_MAX, documents = [] }: { plansMax?: number; documents?: Documents } = {},
): void => {
  const isBasic = ({ planId }: Membership): boolean => kindOf(planId, documents) === 'basic';
  for (const membership of list) checkOne(membership, documents);
  list.forEach((one, index) => {
    const other = list
      .slice(index + 1)
      .find(
        (next) =>
          overlap(one, next) && (one.planId === next.planId || (isBasic(one) && isBasic(next))),
      );
    if (other)
      throw new DomainError('MEMBERSHIPS_OVERLAP', 'invalid', {
        planIds: [one.planId, other.planId],
      });
  });
  // The number can only rise on a day on which a membership begins.
  for (const { from } of list) {
    const planIds = list
      .filter((each) => each.from <= from && from <= toOf(each))
      .map(({ planId }) => planId);
    if (planIds.length > plansMax)
      throw new DomainError('MEMBERSHIPS_TOO_MANY', 'invalid', {
        field: '/memberships',
        why: `${planIds.length} plans would pay on ${from}; at most ${plansMax} can`,
        remedy: 'end the memberships that no longer pay',
      });
  }
};

/** A document says itself for which types of persons it pays. */
const checkType = ({ planId, psnType }: Membership, documents: Documents): void => {
  const plan = findPlan(planId);
  if (!plan || documentsOf(documents, planId).length > 0) return;
  const types = new Set(
    plan.versions.flatMap(({ benefits }) => benefits.flatMap(({ psnTypes }) => psnTypes)),
  );
  if (!types.has(psnType))
    throw new DomainError('PERSON_TYPE_NOT_IN_PLAN', 'invalid', {
      planId,
      psnType,
      known: [...types],
    });
};

const checkFacts = ({ planId, facts }: Membership, documents: Documents): void => {
  if (facts === undefined) return;
  const plans = documentsOf(documents, planId).map(({ version }) => planOfVersion(version));
  for (const [fact, value] of Object.entries(facts))
    if (!plans.some((plan) => isPersonFact(plan, fact, value)))
      throw new DomainError('MEMBERSHIP_FACT_UNKNOWN', 'invalid', { planId, fact });
};

const checkOne = (membership: Membership, documents: Documents): void => {
  const { planId, from } = membership;
  const kind = kindOf(planId, documents);
  if (kind === undefined) throw new DomainError('PLAN_UNKNOWN', 'invalid', { planId });
  checkType(membership, documents);
  checkFacts(membership, documents);
  if (from > toOf(membership))
    throw new DomainError('MEMBERSHIP_PERIOD_INVALID', 'invalid', { planId });
  if (membership.personalAccountYuan !== undefined && kind !== 'basic')
    throw new DomainError('PERSONAL_ACCOUNT_NOT_ALLOWED', 'invalid', { planId });
};

import { findPlan } from '@caretab/benefits';
import { type Membership, PLANS_MAX } from '@caretab/contracts';
import { DomainError, parseYuan } from '@caretab/kernel';

const toOf = ({ to }: Membership): string => to ?? '9999-12-31';
const overlap = (a: Membership, b: Membership): boolean => a.from <= toOf(b) && b.from <= toOf(a);
const isBasic = ({ planId }: Membership): boolean => findPlan(planId)?.kind === 'basic';

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
 * MEMBERSHIPS_OVERLAP (one plan twice, or two basic plans, on one day: no person is insured twice
 * in the national scheme), MEMBERSHIPS_TOO_MANY (more plans on one day than pay for one visit).
 */
export const checkMemberships = (list: readonly Membership[], plansMax = PLANS_MAX): void => {
  for (const membership of list) checkOne(membership);
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

const checkOne = (membership: Membership): void => {
  const { planId, psnType, from } = membership;
  const plan = findPlan(planId);
  if (!plan) throw new DomainError('PLAN_UNKNOWN', 'invalid', { planId });
  const types = new Set(
    plan.versions.flatMap(({ benefits }) => benefits.flatMap(({ psnTypes }) => psnTypes)),
  );
  if (!types.has(psnType))
    throw new DomainError('PERSON_TYPE_NOT_IN_PLAN', 'invalid', {
      planId,
      psnType,
      known: [...types],
    });
  if (from > toOf(membership))
    throw new DomainError('MEMBERSHIP_PERIOD_INVALID', 'invalid', { planId });
  if (membership.personalAccountYuan !== undefined && plan.kind !== 'basic')
    throw new DomainError('PERSONAL_ACCOUNT_NOT_ALLOWED', 'invalid', { planId });
};

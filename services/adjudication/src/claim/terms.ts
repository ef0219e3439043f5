import {
  type BenefitKind,
  benefitKindOf,
  findBenefit,
  findPlan,
  type HospitalLevel,
  planTerms,
} from '@caretab/benefits';
import { businessDateOf, type Coverage, type VisitClass } from '@caretab/contracts';
import { assert, derivedId } from '@caretab/kernel';
import type { PersonAccumulators, Use } from './accumulators';
import type { ClaimRow } from './claim.table';
import type { CoverageRow, Entitlement } from './coverage.table';

/** What decides a visit's terms beside the person's accumulators. */
export interface Care {
  readonly visitId: string;
  /** First day of the visit, Asia/Shanghai: it picks catalogue and plan versions. */
  readonly careDate: string;
  /** The calendar year of the insurers' totals, as `totalsYearOf` has it. */
  readonly totalsYear: number;
  readonly visitClass: VisitClass;
  readonly hospitalLevel: HospitalLevel;
  readonly entitlements: readonly Entitlement[];
  /** Basic plans that pay nothing, and why. */
  readonly withheld?: Coverage['withheld'];
}

/**
 * Insurers' totals go by the centre's settlement time, Asia/Shanghai, not by the day of care (ADR
 * 31).
 */
export const totalsYearOf = (settledAt: Date): number =>
  Number(businessDateOf(settledAt).slice(0, 4));

const planOf = (planId: string) => {
  const plan = findPlan(planId);
  assert(plan, 'an entitlement names a plan of the data');
  return plan;
};

/**
 * The entitlements for which the plan has a benefit: a plan without one for this day, person and
 * care pays nothing.
 */
const inForce = ({ careDate, visitClass, entitlements }: Care): Entitlement[] =>
  entitlements.filter(({ planId, psnType }) =>
    findBenefit(planOf(planId), { date: careDate, psnType, visitClass }),
  );

const useOf = (planId: string, care: Care): Use => ({
  planId,
  year: care.totalsYear,
  benefit: benefitKindOf(care.visitClass) satisfies BenefitKind,
});

/** The care of a claim: its terms are those of the opening, its year that of its first claim. */
export const careOfClaim = (
  { visitId, careDate, snapshot, entitlements }: CoverageRow,
  {
    visitClass,
    earlier,
    now,
  }: {
    readonly visitClass: VisitClass;
    readonly earlier: ClaimRow | undefined;
    readonly now: Date;
  },
): Care => ({
  visitId,
  careDate,
  totalsYear: earlier?.effects[0]?.year ?? totalsYearOf(earlier?.adjudicatedAt ?? now),
  visitClass,
  hospitalLevel: snapshot.hospitalLevel,
  entitlements,
  ...(snapshot.withheld && { withheld: snapshot.withheld }),
});

/** The accumulators this care draws on, in the order in which the plans pay. */
export const usesOf = (care: Care): Use[] => inForce(care).map(({ planId }) => useOf(planId, care));

/** The coverage of this care, given what the year has used up. */
export const coverageOf = (care: Care, accumulators: PersonAccumulators): Coverage => ({
  coverageId: derivedId('Coverage', care.visitId),
  catalogueDate: care.careDate,
  hospitalLevel: care.hospitalLevel,
  plans: inForce(care).map(({ planId, psnType }) =>
    planTerms(
      planOf(planId),
      {
        date: care.careDate,
        psnType,
        visitClass: care.visitClass,
        hospitalLevel: care.hospitalLevel,
      },
      accumulators.stand(useOf(planId, care)),
    ),
  ),
  ...(care.withheld && { withheld: care.withheld }),
});

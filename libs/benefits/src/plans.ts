import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataOf, type PlanTerms, type Scope, type VisitClass } from '@caretab/contracts';
import { contentHash, DomainError } from '@caretab/kernel';
import { type HospitalLevel, inForce } from './catalogue';
import { PlansFile } from './data-schemas';

/** What a visit falls under; an emergency is settled as outpatient care. */
export type BenefitKind = 'outpatient' | 'inpatient';
type ByLevel<Value> = Readonly<Record<HospitalLevel, Value>>;

export interface Benefit {
  readonly benefit: BenefitKind;
  /** National codes psn_type the row is for. */
  readonly psnTypes: readonly string[];
  readonly deductibleBasis: 'year' | 'admission';
  readonly deductibleYuan: ByLevel<number>;
  readonly bands: ByLevel<
    readonly { readonly upToYuan: number | null; readonly rateBps: number }[]
  >;
  readonly fundCapYuan: number | null;
}

export interface PlanVersion {
  readonly effectiveFrom: string;
  readonly effectiveTo: string | null;
  readonly source: { readonly title: string; readonly url: string | null; readonly grade: string };
  readonly benefits: readonly Benefit[];
}

/** A benefit plan as data; its versions do not overlap. */
export interface Plan {
  readonly planId: string;
  readonly payerId: string;
  readonly kind: 'basic' | 'supplementary';
  readonly name: { readonly en: string; readonly zh: string };
  readonly covers: readonly Scope[];
  readonly versions: readonly PlanVersion[];
}

export interface Circumstances {
  /** YYYY-MM-DD */
  readonly date: string;
  readonly psnType: string;
  readonly visitClass: VisitClass;
  readonly hospitalLevel: HospitalLevel;
}

/**
 * What the person has used of a plan's benefit in the year, and what stands on the personal
 * account. Whole fen.
 */
export interface Accumulators {
  readonly deductibleUsedFen: number;
  readonly inScopeUsedFen: number;
  readonly fundUsedFen: number;
  readonly personalAccountFen: number;
}

export const unused: Accumulators = {
  deductibleUsedFen: 0,
  inScopeUsedFen: 0,
  fundUsedFen: 0,
  personalAccountFen: 0,
};

/** Every plan the platform knows, in the order of the data. */
export const plans: readonly Plan[] = dataOf(
  'libs/benefits/data/plans.json',
  readFileSync(join(__dirname, '../data/plans.json'), 'utf8'),
  PlansFile,
).plans as readonly Plan[];

/** Content hash of the tables: a verdict keeps which ones it looked at. */
export const tablesVersion = contentHash(plans);

export const findPlan = (planId: string): Plan | undefined =>
  plans.find((plan) => plan.planId === planId);

export const benefitKindOf = (visitClass: VisitClass): BenefitKind =>
  visitClass === 'inpatient' ? 'inpatient' : 'outpatient';

/**
 * The row of the plan's table that applies, or undefined when the plan has none for this day,
 * person and kind of care.
 */
export const findBenefit = (
  plan: Plan,
  circumstances: Pick<Circumstances, 'date' | 'psnType' | 'visitClass'>,
): Benefit | undefined =>
  plan.versions
    .find((version) => inForce(version, circumstances.date))
    ?.benefits.find(
      (row) =>
        row.benefit === benefitKindOf(circumstances.visitClass) &&
        row.psnTypes.includes(circumstances.psnType),
    );

const fenOf = (yuan: number): number => yuan * 100;

/**
 * A plan's parameters for one visit, for the coverage snapshot. A deductible per admission starts
 * unused. Throws PLAN_NOT_IN_FORCE (not-found) where `findBenefit` finds nothing.
 */
export const planTerms = (
  plan: Plan,
  circumstances: Circumstances,
  accumulators: Accumulators,
): PlanTerms => {
  const benefit = findBenefit(plan, circumstances);
  if (!benefit)
    throw new DomainError('PLAN_NOT_IN_FORCE', 'not-found', {
      planId: plan.planId,
      date: circumstances.date,
      psnType: circumstances.psnType,
    });
  const { hospitalLevel } = circumstances;
  return {
    planId: plan.planId,
    payerId: plan.payerId,
    kind: plan.kind,
    deductibleFen: fenOf(benefit.deductibleYuan[hospitalLevel]),
    deductibleUsedFen: benefit.deductibleBasis === 'year' ? accumulators.deductibleUsedFen : 0,
    bands: benefit.bands[hospitalLevel].map(({ upToYuan, rateBps }) => ({
      upToFen: upToYuan === null ? null : fenOf(upToYuan),
      rateBps,
    })),
    inScopeUsedFen: accumulators.inScopeUsedFen,
    fundCapFen: benefit.fundCapYuan === null ? null : fenOf(benefit.fundCapYuan),
    fundUsedFen: accumulators.fundUsedFen,
    personalAccountFen: accumulators.personalAccountFen,
    covers: [...plan.covers],
  };
};

/** The insurers behind the plans: each has a settlement topic of its own. */
export const payerIds: readonly string[] = [...new Set(plans.map(({ payerId }) => payerId))];

/** Plans in the order in which they pay: basic before supplementary, else as in the data. */
export const inPayingOrder = <Member extends { readonly planId: string }>(
  members: readonly Member[],
): Member[] =>
  payingOrder.flatMap((planId) => members.filter((member) => member.planId === planId));

const payingOrder = (['basic', 'supplementary'] as const).flatMap((kind) =>
  plans.filter((plan) => plan.kind === kind).map(({ planId }) => planId),
);

import {
  type BenefitKind,
  benefitKindOf,
  findBenefit,
  findPlan,
  type HospitalLevel,
  planOfVersion,
  planTerms,
} from '@caretab/benefits';
import { businessDateOf, type Coverage, type PlanTerms, type VisitClass } from '@caretab/contracts';
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
  /** The versions of plans that are documents, by plan; the others are tables. */
  readonly documents: ReadonlyMap<string, string>;
  /** The version of the coordination file in force. */
  readonly coordination: string | undefined;
}

/** What was used before, by use. */
type Stands = Pick<PersonAccumulators, 'stand'>;

type Versions = Pick<Care, 'documents' | 'coordination'>;

/** The versions that a coverage names. */
export const versionsIn = ({ plans, coordination }: Coverage): Versions => ({
  documents: new Map(
    plans.flatMap(({ planId, document }) => (document ? [[planId, document.version]] : [])),
  ),
  coordination,
});

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
 * The entitlements for which the plan has a benefit: a table without one for this day, person and
 * care pays nothing. A document says itself for which claims it pays.
 */
const inForce = ({ careDate, visitClass, entitlements, documents }: Care): Entitlement[] =>
  entitlements.filter(({ planId, psnType }) => {
    if (documents.has(planId)) return true;
    const plan = findPlan(planId);
    return plan && findBenefit(plan, { date: careDate, psnType, visitClass });
  });

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
  ...versionsIn(earlier?.coverage ?? snapshot),
});

/** The accumulators this care draws on, in the order in which the plans pay. */
export const usesOf = (care: Care): Use[] => inForce(care).map(({ planId }) => useOf(planId, care));

/** Who knows no documents reads that the plan pays nothing: never more than it does. */
const NOTHING: Pick<
  PlanTerms,
  'deductibleFen' | 'deductibleUsedFen' | 'bands' | 'inScopeUsedFen' | 'fundCapFen' | 'fundUsedFen'
> = {
  deductibleFen: 0,
  deductibleUsedFen: 0,
  bands: [{ upToFen: null, rateBps: 0 }],
  inScopeUsedFen: 0,
  fundCapFen: null,
  fundUsedFen: 0,
};

/** The terms of a plan that is a document; what was used of it is yet to be added. */
export const documentTerms = (
  { planId, psnType, from, to, facts }: Entitlement,
  version: string,
  personalAccountFen: number,
): PlanTerms => {
  const { file } = planOfVersion(version);
  const bases = new Set(file.layers.flatMap(({ base }) => base ?? (['inScope'] as const)));
  const covers = [...bases].flatMap((scope) => (scope === 'direct' ? [] : [scope]));
  return {
    ...{ planId, payerId: file.payer, ...NOTHING, personalAccountFen },
    kind: file.kind === 'basic' ? 'basic' : 'supplementary',
    ...(covers.length > 0 && { covers }),
    document: {
      ...{ version, memberFrom: from ?? file.from, memberTo: to ?? null },
      facts: { ...facts, personType: psnType },
      used: [],
    },
  };
};

const termsOf = (entitlement: Entitlement, care: Care, accumulators: Stands): PlanTerms => {
  const { planId, psnType } = entitlement;
  const stand = accumulators.stand(useOf(planId, care));
  const version = care.documents.get(planId);
  if (version !== undefined) return documentTerms(entitlement, version, stand.personalAccountFen);
  const { careDate: date, visitClass, hospitalLevel } = care;
  return planTerms(planOf(planId), { date, psnType, visitClass, hospitalLevel }, stand);
};

/**
 * The coverage of this care, given what the year has used up; what was used of documents' counters
 * is added by `withPlanUse`.
 */
export const coverageOf = (care: Care, accumulators: Stands): Coverage => ({
  coverageId: derivedId('Coverage', care.visitId),
  catalogueDate: care.careDate,
  hospitalLevel: care.hospitalLevel,
  plans: inForce(care).map((entitlement) => termsOf(entitlement, care, accumulators)),
  ...(care.withheld && { withheld: care.withheld }),
  ...((care.documents.size > 0 || care.coordination !== undefined) && {
    visitClass: care.visitClass,
  }),
  ...(care.coordination !== undefined && { coordination: care.coordination }),
});

import type { LinePolicyDocument, VisitClass } from '@caretab/contracts';
import type { LinePolicy } from './line-policy';

/** Of a visit, what a policy asks for. */
export interface Asking {
  readonly visitClass: VisitClass;
  readonly institutionId: string;
  /** Whether it is a ward's visit on the guardian's line. */
  readonly isWard: boolean;
  readonly score: number;
}

export type PolicyRefusal = 'NOT_COVERED' | 'EXCLUDED' | 'SCORE_TOO_LOW' | 'SCORE_EXPIRED';

export type ProductTerms = NonNullable<LinePolicyDocument['products'][VisitClass]>;

/** What other visits opened on the same day take of the line. */
export interface DayUse {
  /** Those of the same class. */
  readonly classFen: number;
  /** Those of wards. */
  readonly wardsFen: number;
}

/** How high one hold may be by the policy, whatever the line allows. */
export interface Caps {
  readonly visitCapFen: number;
  readonly dayCapFen: number;
  readonly increaseStepFen: number;
}

export const UNCAPPED: Caps = {
  visitCapFen: Number.MAX_SAFE_INTEGER,
  dayCapFen: Number.MAX_SAFE_INTEGER,
  increaseStepFen: 1,
};

/** The terms of a visit's class, or why the policy grants it nothing. */
export const termsOf = (
  { document: { products, exclusions, eligibility } }: LinePolicy,
  { visitClass, institutionId, isWard, score }: Asking,
): ProductTerms | PolicyRefusal => {
  const terms = products[visitClass];
  if (!terms || (isWard && !products.family)) return 'NOT_COVERED';
  const excludes = ({ institutionId: excluded, product }: (typeof exclusions)[number]): boolean =>
    excluded === institutionId && (product === null || product === visitClass);
  if (exclusions.some(excludes)) return 'EXCLUDED';
  const scoreMin = Math.max(
    eligibility.scoreMin,
    terms.fromScore,
    isWard ? products.family!.fromScore : 0,
  );
  return score < scoreMin ? 'SCORE_TOO_LOW' : terms;
};

/** The banks that lend for any of its products. */
export const banksOf = ({ document: { products } }: LinePolicy): readonly string[] => {
  const classes = [products.outpatient, products.emergency, products.inpatient];
  return [
    ...new Set(
      classes.flatMap((terms) => (terms?.lender?.kind === 'bank' ? terms.lender.lenderIds : [])),
    ),
  ];
};

/** Whether what other visits of the day take has to be known. */
export const hasDayCap = ({ document: { products } }: LinePolicy, asking: Asking): boolean =>
  products[asking.visitClass]?.dayCapFen != null ||
  (asking.isWard && products.family?.dayCapFen != null);

/** The least of the caps that a visit has; those of its class, and of a ward's those of the family. */
export const capsOf = (
  { document: { products } }: LinePolicy,
  { visitClass, isWard }: Asking,
  { classFen, wardsFen }: DayUse,
): Caps => {
  const terms = products[visitClass];
  const family = isWard ? products.family : undefined;
  const left = (capFen: number | null | undefined, usedFen: number): number =>
    capFen == null ? UNCAPPED.dayCapFen : Math.max(0, capFen - usedFen);
  return {
    visitCapFen: Math.min(left(terms?.visitCapFen, 0), left(family?.visitCapFen, 0)),
    dayCapFen: Math.min(left(terms?.dayCapFen, classFen), left(family?.dayCapFen, wardsFen)),
    increaseStepFen: terms?.increaseStepFen ?? UNCAPPED.increaseStepFen,
  };
};

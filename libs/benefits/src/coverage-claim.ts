import type { Coverage, PlanTerms, VisitClass } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import type { Claim, PricedLine } from '@caretab/plans';
import { COVERED } from './coverage-rules';

/** What is put to the payers: lines, or sums in the order of the plan language's scopes. */
export type Sums =
  { readonly totals: readonly number[] } | { readonly lines: readonly PricedLine[] };

/** Days (YYYY-MM-DD, Asia/Shanghai) that documents look at, as far as they are known. */
export interface ClaimDays {
  readonly discharged?: string | undefined;
  readonly settled?: string | undefined;
}

const NO_FACTS: Claim['facts'] = {};
const NOTHING_USED: Claim['used'] = new Map();

/** The claim of a coverage that carries the terms of tables alone: they look at no fact and no day. */
// Field by field: this runs with every charge, and spreads of objects cost more than the rules.
export const claimOfTables = (accounts: Claim['accounts'], of: Sums): Claim => ({
  id: 'visit',
  person: COVERED,
  family: COVERED,
  facts: NO_FACTS,
  accounts,
  days: 1,
  admitted: undefined,
  discharged: undefined,
  settled: undefined,
  careDate: undefined,
  memberships: undefined,
  used: NOTHING_USED,
  lines: 'lines' in of ? of.lines : undefined,
  totals: 'totals' in of ? of.totals : undefined,
});

/** med_type: general outpatient, emergency, general inpatient. */
const MED_TYPE: Readonly<Record<VisitClass, string>> = {
  outpatient: '11',
  emergency: '13',
  inpatient: '21',
};

const DAY_MS = 86_400_000;
/** In and out on one day is a day of care. */
const daysOf = (from: string, to: string): number =>
  Math.max(1, Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS));

/** Terms of tables were given to a member; a document looks at the membership itself. */
const membershipOf = ({ planId, document }: PlanTerms) =>
  document
    ? {
        ...{ plan: planId, from: document.memberFrom, to: document.memberTo },
        facts: document.facts,
      }
    : { plan: planId, from: '2000-01-01', to: null, facts: NO_FACTS };

/** The claim of a coverage that names documents: what the platform knows of the visit. */
export const claimOfDocuments = (
  { coverageId, catalogueDate, hospitalLevel, visitClass, plans }: Coverage,
  accounts: Claim['accounts'],
  of: Sums,
  { discharged, settled }: ClaimDays,
): Claim => {
  assert(visitClass, 'a coverage by documents says the class of the visit');
  const days = discharged === undefined ? 1 : daysOf(catalogueDate, discharged);
  return {
    ...{ id: coverageId, person: COVERED, family: COVERED, accounts, days },
    facts: {
      ...{ care: visitClass, medType: MED_TYPE[visitClass], hospitalLevel },
      ...{ careDate: catalogueDate, days },
    },
    ...{ admitted: catalogueDate, careDate: catalogueDate, discharged, settled },
    memberships: plans.map(membershipOf),
    used: NOTHING_USED,
    lines: 'lines' in of ? of.lines : undefined,
    totals: 'totals' in of ? of.totals : undefined,
  };
};

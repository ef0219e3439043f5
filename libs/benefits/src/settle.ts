import type { Coverage, PayerPart, Scope } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import {
  adjudicate,
  type AccountPart,
  type Claim,
  type PricedLine,
  SCOPES as PLAN_SCOPES,
  type Verdict,
} from '@caretab/plans';
import type { ScopeTotals } from './classify';
import { COVERED, type CoverageRules, rulesOfTerms } from './translation';

/** An amount per scope, in whole fen. */
export type ByScope = Readonly<Record<Scope, number>>;
export const SCOPES: readonly Scope[] = ['inScope', 'firstSelfPay', 'overLimit', 'ownExpense'];

export interface BandStep {
  readonly fromFen: number;
  readonly toFen: number;
  readonly rateBps: number;
  readonly payFen: number;
}

/** How one plan came to its part; deductible + co-payment + above cap + fund = base. */
export interface PlanStep {
  readonly planId: string;
  readonly payerId: string;
  /** What the plan covers and earlier plans left. */
  readonly baseFen: number;
  /** Part of the base that the deductible took (act_pay_dedc). */
  readonly deductibleFen: number;
  readonly bands: readonly BandStep[];
  readonly coPaymentFen: number;
  /** What the bands would have paid beyond the fund's cap. */
  readonly aboveCapFen: number;
  readonly fundFen: number;
  /** Taken from the person's own account at this payer (acct_pay). */
  readonly personalAccountFen: number;
  /** What the payer owes for this plan, and of which scopes: the fund's part and the account's. */
  readonly paid: ByScope;
}

/** A plan's part of the bill: fund and personal account together, because the payer remits both. */
export interface PlanPart extends PayerPart {
  readonly planId: string;
  readonly fundFen: number;
  readonly personalAccountFen: number;
}

export interface Settlement {
  /** Plans that pay anything, in the order in which they pay. */
  readonly payers: readonly PlanPart[];
  readonly patientFen: number;
  /** One step per plan of the coverage, also where it pays nothing. */
  readonly steps: readonly PlanStep[];
}

export const scopesOf = (totals: ScopeTotals): ByScope => ({
  inScope: totals.inScopeFen,
  firstSelfPay: totals.firstSelfPayFen,
  overLimit: totals.overLimitFen,
  ownExpense: totals.ownExpenseFen,
});

const indexes = Object.fromEntries(
  SCOPES.map((scope) => [scope, PLAN_SCOPES.indexOf(scope)]),
) as Record<Scope, number>;

const paidBy = (fund: readonly number[], account: readonly number[] | undefined): ByScope =>
  Object.fromEntries(
    SCOPES.map((scope) => [scope, fund[indexes[scope]]! + (account?.[indexes[scope]] ?? 0)]),
  ) as unknown as ByScope;

const stepOf = (
  { plan: planId, payer: payerId, steps, fundFen }: Verdict['plans'][number],
  account: AccountPart | undefined,
): PlanStep => {
  const [step] = steps;
  assert(step && steps.length === 1, 'the terms of a table are one layer');
  const { baseFen, deductibleFen } = step;
  const bands = step.bands.map(({ fromFen, toFen, rate, fundFen: payFen }) => ({
    ...{ fromFen, toFen, rateBps: rate / 100, payFen },
  }));
  const byBandsFen = bands.reduce((sum, { payFen }) => sum + payFen, 0);
  return {
    ...{ planId, payerId, baseFen, deductibleFen, bands, fundFen },
    coPaymentFen: baseFen - deductibleFen - byBandsFen,
    aboveCapFen: byBandsFen - fundFen,
    personalAccountFen: account?.paidFen ?? 0,
    paid: paidBy(step.paid, account?.paid),
  };
};

export const partOf = ({ planId, payerId, fundFen, personalAccountFen }: PlanStep): PlanPart => ({
  ...{ planId, payerId, fundFen, personalAccountFen },
  amountFen: fundFen + personalAccountFen,
});

/** The rules of a coverage, once for all charges that are decided by it. */
const rulesByPlans = new WeakMap<Coverage['plans'], CoverageRules>();
const rulesOf = (coverage: Pick<Coverage, 'plans'>): CoverageRules => {
  const known = rulesByPlans.get(coverage.plans);
  if (known) return known;
  const rules = rulesOfTerms(coverage);
  rulesByPlans.set(coverage.plans, rules);
  return rules;
};

const NO_FACTS: Claim['facts'] = {};
const NOTHING_USED: Claim['used'] = new Map();

type Sums = { readonly totals: ScopeTotals } | { readonly lines: readonly PricedLine[] };

// Field by field: this runs with every charge, and spreads of objects cost more than the rules.
const claimOf = (accounts: Claim['accounts'], of: Sums): Claim => ({
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
  totals: 'totals' in of ? totalsOf(of.totals) : undefined,
});

/** In the order of the plan language's scopes. */
const totalsOf = (totals: ScopeTotals): readonly number[] => [
  totals.inScopeFen,
  0,
  totals.firstSelfPayFen,
  totals.overLimitFen,
  totals.ownExpenseFen,
];

const judged = (coverage: Pick<Coverage, 'plans'>, of: Sums): Verdict => {
  const { rules, used, accounts } = rulesOf(coverage);
  return adjudicate(rules, claimOf(accounts, of), used);
};

/** The verdict of the compiled plans, and how each plan came to its part. */
export const verdictOf = (
  coverage: Pick<Coverage, 'plans'>,
  of: Sums,
): { readonly verdict: Verdict; readonly steps: readonly PlanStep[] } => {
  const verdict = judged(coverage, of);
  const steps = verdict.plans.map((part) =>
    stepOf(
      part,
      verdict.accounts.find(({ account }) => account === part.plan),
    ),
  );
  return { verdict, steps };
};

/**
 * Settles totals under a coverage, by its plans in the plan language: every plan's fund in order,
 * each on what the earlier ones left of the scopes it covers; then personal accounts; the rest is
 * the patient's (gross = Σ payers + patient). Pure: the ledger's estimate and adjudication's verdict
 * are this function. The personal account is the person's own money kept by the basic payer, who
 * remits it with the fund's part (acct_pay); it is a part of that payer's amount, shown apart as
 * `personalAccountFen`. The patient's part grows with every charge, and by no more than it, as long
 * as a later plan covers at least what the earlier ones do.
 */
export const settle = (coverage: Pick<Coverage, 'plans'>, totals: ScopeTotals): Settlement => {
  const { verdict, steps } = verdictOf(coverage, { totals });
  const payers = steps.map(partOf).filter(({ amountFen }) => amountFen > 0);
  assert(verdict.grossFen === totals.grossFen, 'the scopes add up to the gross');
  return { payers, patientFen: verdict.patientFen, steps };
};

/** What the patient would owe if the visit ended now. */
export const patientEstimate = (coverage: Pick<Coverage, 'plans'>, totals: ScopeTotals): number =>
  judged(coverage, { totals }).patientFen;

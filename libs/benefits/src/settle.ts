import type { Coverage, PayerPart, PlanTerms, Scope } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import {
  adjudicate,
  type AccountPart,
  type LayerStep,
  type PricedLine,
  SCOPES as PLAN_SCOPES,
  type Verdict,
} from '@caretab/plans';
import type { ScopeTotals } from './classify';
import { type ClaimDays, claimOfDocuments, claimOfTables, type Sums } from './coverage-claim';
import { type CoverageRules, rulesOfCoverage } from './coverage-rules';
import { isByDocuments } from './documents';

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

const indexOf = (scope: Scope): number => PLAN_SCOPES.indexOf(scope);
const IN_SCOPE = indexOf('inScope');
const FIRST_SELF_PAY = indexOf('firstSelfPay');
const OVER_LIMIT = indexOf('overLimit');
const OWN_EXPENSE = indexOf('ownExpense');

/** What a document pays directly by a ratio is within its policy, as inscp_scp_amt counts it. */
const DIRECT = PLAN_SCOPES.indexOf('direct');

const paidBy = (steps: readonly LayerStep[], account: AccountPart | undefined): ByScope => {
  const sum = (scope: number): number => {
    let fen = account?.paid[scope] ?? 0;
    for (const { paid } of steps) fen += paid[scope]!;
    return fen;
  };
  return {
    inScope: sum(IN_SCOPE) + sum(DIRECT),
    firstSelfPay: sum(FIRST_SELF_PAY),
    overLimit: sum(OVER_LIMIT),
    ownExpense: sum(OWN_EXPENSE),
  };
};

/** What a layer would have paid without the cap on its fund. */
const offeredFen = ({ bands, fixedFen, baseFen, deductibleFen, fundFen }: LayerStep): number => {
  let offered = bands.length > 0 ? 0 : (fixedFen ?? fundFen);
  for (const band of bands) offered += band.fundFen;
  return Math.max(fundFen, Math.min(offered, baseFen - deductibleFen));
};

/** How a plan came to its part, its layers together: terms of tables have one, a document several. */
const stepOf = (
  { planId, payerId }: PlanTerms,
  steps: readonly LayerStep[],
  account: AccountPart | undefined,
): PlanStep => {
  let [baseFen, deductibleFen, fundFen, offered] = [0, 0, 0, 0];
  const bands: BandStep[] = [];
  for (const step of steps) {
    baseFen += step.baseFen;
    deductibleFen += step.deductibleFen;
    fundFen += step.fundFen;
    offered += offeredFen(step);
    for (const { fromFen, toFen, rate, fundFen: payFen } of step.bands) {
      const rateBps = rate / 100;
      // A document's percentage may have four decimals; the claim's explanation has them all.
      if (Number.isInteger(rateBps)) bands.push({ fromFen, toFen, rateBps, payFen });
    }
  }
  return {
    planId,
    payerId,
    baseFen,
    deductibleFen,
    fundFen,
    bands,
    coPaymentFen: baseFen - deductibleFen - offered,
    aboveCapFen: offered - fundFen,
    personalAccountFen: account?.paidFen ?? 0,
    paid: paidBy(steps, account),
  };
};

export const partOf = ({ planId, payerId, fundFen, personalAccountFen }: PlanStep): PlanPart => ({
  planId,
  payerId,
  fundFen,
  personalAccountFen,
  amountFen: fundFen + personalAccountFen,
});

/** The rules of a coverage, once for all charges that are decided by it. */
const rulesByPlans = new WeakMap<Coverage['plans'], CoverageRules>();
export const rulesOf = (coverage: Pick<Coverage, 'plans' | 'coordination'>): CoverageRules => {
  const known = rulesByPlans.get(coverage.plans);
  if (known) return known;
  const rules = rulesOfCoverage(coverage);
  rulesByPlans.set(coverage.plans, rules);
  return rules;
};

/** In the order of the plan language's scopes. */
const totalsOf = (totals: ScopeTotals): readonly number[] => [
  totals.inScopeFen,
  0,
  totals.firstSelfPayFen,
  totals.overLimitFen,
  totals.ownExpenseFen,
];

/** The verdict of a coverage that carries the terms of tables alone. */
const judged = (coverage: Pick<Coverage, 'plans'>, of: Sums): Verdict => {
  assert(!isByDocuments(coverage), 'documents are asked for lines and days');
  const { rules, used, accounts } = rulesOf(coverage);
  return adjudicate(rules, claimOfTables(accounts, of), used);
};

const stepsOf = ({ plans }: Pick<Coverage, 'plans'>, verdict: Verdict): PlanStep[] =>
  plans.map((terms) =>
    stepOf(
      terms,
      verdict.plans.find(({ plan }) => plan === terms.planId)?.steps ?? [],
      verdict.accounts.find(({ account }) => account === terms.planId),
    ),
  );

/** The verdict of the compiled plans on lines, and how each plan came to its part. */
export const verdictOf = (
  coverage: Coverage,
  lines: readonly PricedLine[],
  days: ClaimDays,
): { readonly verdict: Verdict; readonly steps: readonly PlanStep[] } => {
  const { rules, used, accounts } = rulesOf(coverage);
  const verdict = isByDocuments(coverage)
    ? adjudicate(rules, claimOfDocuments(coverage, accounts, { lines }, days), used)
    : judged(coverage, { lines });
  return { verdict, steps: stepsOf(coverage, verdict) };
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
  const verdict = judged(coverage, { totals: totalsOf(totals) });
  const steps = stepsOf(coverage, verdict);
  const payers = steps.map(partOf).filter(({ amountFen }) => amountFen > 0);
  assert(verdict.grossFen === totals.grossFen, 'the scopes add up to the gross');
  return { payers, patientFen: verdict.patientFen, steps };
};

/**
 * What the patient would owe if the visit ended now, by terms of tables; by documents `tabOf` says
 * it.
 */
export const patientEstimate = (coverage: Pick<Coverage, 'plans'>, totals: ScopeTotals): number =>
  judged(coverage, { totals: totalsOf(totals) }).patientFen;

import type { Coverage, PayerPart, PlanTerms, Scope } from '@caretab/contracts';
import { assert, share } from '@caretab/kernel';
import type { ScopeTotals } from './classify';

/** An amount per scope, in whole fen. */
export type ByScope = Readonly<Record<Scope, number>>;
export const SCOPES: readonly Scope[] = ['inScope', 'firstSelfPay', 'overLimit', 'ownExpense'];
/** A personal account pays what the catalogue lists (自付), never what it does not (自费). */
const ACCOUNT_COVERS: readonly Scope[] = ['inScope', 'firstSelfPay', 'overLimit'];

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

const nothing: ByScope = { inScope: 0, firstSelfPay: 0, overLimit: 0, ownExpense: 0 };
export const sumOf = (amounts: ByScope): number =>
  SCOPES.reduce((total, scope) => total + amounts[scope], 0);
const mapScopes = (value: (scope: Scope) => number): ByScope => ({
  inScope: value('inScope'),
  firstSelfPay: value('firstSelfPay'),
  overLimit: value('overLimit'),
  ownExpense: value('ownExpense'),
});
export const scopesOf = (totals: ScopeTotals): ByScope =>
  mapScopes((scope) => totals[`${scope}Fen`]);

/** Takes an amount out of the given scopes, first to last. */
const takeFrom = (left: ByScope, order: readonly Scope[], amountFen: number): ByScope => {
  let toTakeFen = amountFen;
  const taken: Record<Scope, number> = { ...nothing };
  for (const scope of order) {
    taken[scope] = Math.min(left[scope], toTakeFen);
    toTakeFen -= taken[scope];
  }
  assert(toTakeFen === 0, 'a plan never pays more than what it covers');
  return taken;
};

/**
 * The bands that [fromFen, toFen) of the year's in-scope expenses falls into, each rounded half up
 * to the fen.
 */
const payByBands = (plan: PlanTerms, fromFen: number, toFen: number): BandStep[] => {
  const steps: BandStep[] = [];
  let lowerFen = 0;
  for (const { upToFen, rateBps } of plan.bands) {
    const start = Math.max(lowerFen, fromFen);
    const end = Math.min(upToFen ?? Infinity, toFen);
    if (end > start)
      steps.push({ fromFen: start, toFen: end, rateBps, payFen: share(end - start, rateBps) });
    lowerFen = upToFen ?? Infinity;
  }
  return steps;
};

/**
 * The fund's part of one plan: the deductible (as far as the year or admission has not used it)
 * comes out of the first band; bands are counted from 0 and include the deductible and the year's
 * used in-scope; the fund's cap limits what is paid. What lies above the last band is not paid.
 */
const settlePlan = (plan: PlanTerms, left: ByScope): PlanStep => {
  const covers = plan.covers ?? ['inScope'];
  const baseFen = covers.reduce((total, scope) => total + left[scope], 0);
  const deductibleFen = Math.min(baseFen, Math.max(0, plan.deductibleFen - plan.deductibleUsedFen));
  const bands = payByBands(
    plan,
    plan.inScopeUsedFen + deductibleFen,
    plan.inScopeUsedFen + baseFen,
  );
  const byBandsFen = bands.reduce((total, { payFen }) => total + payFen, 0);
  const capLeftFen =
    plan.fundCapFen === null ? Infinity : Math.max(0, plan.fundCapFen - plan.fundUsedFen);
  const fundFen = Math.min(byBandsFen, capLeftFen);
  return {
    planId: plan.planId,
    payerId: plan.payerId,
    baseFen,
    deductibleFen,
    bands,
    fundFen,
    coPaymentFen: baseFen - deductibleFen - byBandsFen,
    aboveCapFen: byBandsFen - fundFen,
    personalAccountFen: 0,
    paid: takeFrom(left, covers, fundFen),
  };
};

const without = (left: ByScope, taken: ByScope): ByScope =>
  mapScopes((scope) => left[scope] - taken[scope]);

/** Lets the account of one plan pay what all funds have left, before the patient's cash. */
const payFromAccount = (step: PlanStep, accountFen: number, left: ByScope): PlanStep => {
  const payableFen = ACCOUNT_COVERS.reduce((total, scope) => total + left[scope], 0);
  const personalAccountFen = Math.min(accountFen, payableFen);
  const taken = takeFrom(left, ACCOUNT_COVERS, personalAccountFen);
  return {
    ...step,
    personalAccountFen,
    paid: mapScopes((scope) => step.paid[scope] + taken[scope]),
  };
};

const partOf = ({ planId, payerId, fundFen, personalAccountFen }: PlanStep): PlanPart => ({
  planId,
  payerId,
  amountFen: fundFen + personalAccountFen,
  fundFen,
  personalAccountFen,
});

/**
 * Settles totals under a coverage: every plan's fund in order, each on what the earlier ones left
 * of the scopes it covers; then personal accounts; the rest is the patient's (gross = Σ payers +
 * patient). Pure: the ledger's estimate and adjudication's verdict are this function. The personal
 * account is the person's own money kept by the basic payer, who remits it with the fund's part
 * (acct_pay); it is a part of that payer's amount, shown apart as `personalAccountFen`. The
 * patient's part grows with every charge, and by no more than it, as long as a later plan covers at
 * least what the earlier ones do.
 */
export const settle = (coverage: Pick<Coverage, 'plans'>, totals: ScopeTotals): Settlement => {
  let left = scopesOf(totals);
  const funds = coverage.plans.map((plan) => {
    const step = settlePlan(plan, left);
    left = without(left, step.paid);
    return step;
  });
  const steps = funds.map((fund, index) => {
    const step = payFromAccount(fund, coverage.plans[index]!.personalAccountFen, left);
    left = without(left, without(step.paid, fund.paid));
    return step;
  });
  const payers = steps.map(partOf).filter(({ amountFen }) => amountFen > 0);
  const patientFen = sumOf(left);
  assert(
    payers.reduce((total, { amountFen }) => total + amountFen, patientFen) === totals.grossFen,
    'gross = payers + patient',
  );
  return { payers, patientFen, steps };
};

/** What the patient would owe if the visit ended now. */
export const patientEstimate = (coverage: Pick<Coverage, 'plans'>, totals: ScopeTotals): number =>
  settle(coverage, totals).patientFen;

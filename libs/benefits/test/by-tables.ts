import type { ClaimLine, Coverage, PlanTerms, Scope } from '@caretab/contracts';
import { allocate, assert, share } from '@caretab/kernel';
import {
  addTotals,
  type BandStep,
  type ByScope,
  classify,
  emptyTotals,
  type PlanPart,
  type PlanStep,
  SCOPES,
  type ScopeTotals,
  type Settlement,
} from '../src';

/** The tables a second time, by themselves: what their translation is held against. */

const ACCOUNT_COVERS: readonly Scope[] = ['inScope', 'firstSelfPay', 'overLimit'];

const nothing: ByScope = { inScope: 0, firstSelfPay: 0, overLimit: 0, ownExpense: 0 };
const sumOf = (amounts: ByScope): number =>
  SCOPES.reduce((total, scope) => total + amounts[scope], 0);
const mapScopes = (value: (scope: Scope) => number): ByScope => ({
  inScope: value('inScope'),
  firstSelfPay: value('firstSelfPay'),
  overLimit: value('overLimit'),
  ownExpense: value('ownExpense'),
});
const scopesOf = (totals: ScopeTotals): ByScope => mapScopes((scope) => totals[`${scope}Fen`]);

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

export const settleByTables = (
  coverage: Pick<Coverage, 'plans'>,
  totals: ScopeTotals,
): Settlement => {
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

/** What each line's payers and patient bear by the tables. */
export const patientPartsByTables = (
  coverage: Coverage,
  lines: readonly ClaimLine[],
): readonly number[] => {
  const settled = lines.map((line) => classify(coverage, line));
  const { steps } = settleByTables(coverage, settled.reduce(addTotals, emptyTotals));
  const unpaid = settled.map((result) => ({ ...scopesOf(result) }) as Record<Scope, number>);
  for (const { paid } of steps)
    for (const scope of SCOPES) {
      const shares = allocate(
        paid[scope],
        unpaid.map((line) => line[scope]),
      );
      for (const [at, fen] of shares.entries()) unpaid[at]![scope] -= fen;
    }
  return unpaid.map(sumOf);
};

import type { Coverage, ClaimLineResult, ClaimLine } from '@caretab/contracts';
import type { PricedLine, Verdict } from '@caretab/plans';
import {
  addTotals,
  type Classification,
  classify,
  emptyTotals,
  itemTermsOf,
  type ScopeTotals,
} from './classify';
import { type PlanPart, type PlanStep, partOf, scopesOf, verdictOf } from './settle';

/**
 * One plan's view of the visit, with nothing of the other plans: per line `payersFen` is this
 * plan's part, `patientFen` what it leaves.
 */
export interface PlanResult {
  readonly planId: string;
  readonly payerId: string;
  readonly step: PlanStep;
  readonly lines: readonly ClaimLineResult[];
}

export interface Adjudication {
  readonly payers: readonly PlanPart[];
  readonly patientDueFen: number;
  readonly totals: ScopeTotals;
  /**
   * One per given line, in order; payersFen + patientFen = amountFen, and they add up to Σ payers
   * and patientDueFen.
   */
  readonly lines: readonly ClaimLineResult[];
  /** One per plan of the coverage. */
  readonly plans: readonly PlanResult[];
  /** In the plan language: which rule of which version took what because of which numbers. */
  readonly verdict: Verdict;
}

type ClassifiedClaimLine = { readonly line: ClaimLine; readonly result: Classification };

const claimLineResult = (
  { line, result }: ClassifiedClaimLine,
  payersFen: number,
  reasons: readonly string[],
): ClaimLineResult => ({
  chargeId: line.chargeId,
  itemCode: line.itemCode,
  amountFen: line.amountFen,
  category: result.category,
  ownExpenseFen: result.ownExpenseFen,
  overLimitFen: result.overLimitFen,
  firstSelfPayFen: result.firstSelfPayFen,
  inScopeFen: result.inScopeFen,
  payersFen,
  patientFen: line.amountFen - payersFen,
  reasons: [...new Set([...result.reasons, ...reasons])],
});

/** Why a plan did not pay a line whole; only lines that the plan covers carry its reasons. */
const stepReasons = (step: PlanStep): string[] => [
  ...(step.deductibleFen > 0 ? ['DEDUCTIBLE'] : []),
  ...(step.coPaymentFen > 0 ? ['CO_PAYMENT'] : []),
  ...(step.aboveCapFen > 0 ? ['ABOVE_CAP'] : []),
  ...(step.personalAccountFen > 0 ? ['PERSONAL_ACCOUNT'] : []),
];

const pricedLineOf = (coverage: Coverage, { line, result }: ClassifiedClaimLine): PricedLine => ({
  id: line.chargeId,
  amountFen: line.amountFen,
  quantity: line.quantity,
  unitPriceFen: undefined,
  terms: itemTermsOf(coverage, line.itemCode),
  isDated: false,
  circumstances: {
    facts: {},
    line: { item: line.itemCode, itemCategory: result.category },
    used: () => 0,
  },
});

/**
 * The verdict on a visit, by the coverage's plans in the plan language: their parts are spread over
 * the lines. Reasons per line: those of `classify`, then DEDUCTIBLE, CO_PAYMENT, ABOVE_CAP,
 * PERSONAL_ACCOUNT, or NO_COVERAGE where there is no plan.
 */
export const adjudicate = (coverage: Coverage, lines: readonly ClaimLine[]): Adjudication => {
  const settled = lines.map((line) => ({ line, result: classify(coverage, line) }));
  const totals = settled.reduce((sum, { result }) => addTotals(sum, result), emptyTotals);
  const { verdict, steps } = verdictOf(coverage, {
    lines: settled.map((each) => pricedLineOf(coverage, each)),
  });
  const paidBefore = settled.map(() => 0);
  const plans = steps.map((step, index) => {
    const { plan, lines: funds } = verdict.plans[index]!;
    const account = verdict.accounts.find((part) => part.account === plan);
    const parts = funds!.map((fen, at) => fen + (account?.lines?.[at] ?? 0));
    const covers = coverage.plans[index]!.covers ?? ['inScope'];
    // A plan gives reasons where the funds before it have left something that it covers.
    const isCovered = settled.map(({ result }, at) => {
      const scopes = scopesOf(result);
      return covers.reduce((sum, scope) => sum + scopes[scope], 0) > paidBefore[at]!;
    });
    for (const [at, fen] of funds!.entries()) paidBefore[at]! += fen;
    const reasonsOf = (at: number): string[] =>
      isCovered[at] || parts[at]! > 0 ? stepReasons(step) : [];
    return {
      planId: step.planId,
      payerId: step.payerId,
      step,
      lines: settled.map((each, at) => claimLineResult(each, parts[at]!, reasonsOf(at))),
    };
  });
  const results = settled.map((each, at) =>
    claimLineResult(
      each,
      each.line.amountFen - verdict.lines![at]!.patientFen,
      plans.length === 0 ? ['NO_COVERAGE'] : plans.flatMap((plan) => plan.lines[at]!.reasons),
    ),
  );
  const payers = steps.map(partOf).filter(({ amountFen }) => amountFen > 0);
  return { payers, patientDueFen: verdict.patientFen, totals, lines: results, plans, verdict };
};

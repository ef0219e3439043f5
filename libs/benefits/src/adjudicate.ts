import type { Coverage, ClaimLineResult, Scope, ClaimLine } from '@caretab/contracts';
import { allocate } from '@caretab/kernel';
import {
  addTotals,
  type Classification,
  classify,
  emptyTotals,
  type ScopeTotals,
} from './classify';
import {
  type ByScope,
  type PlanPart,
  type PlanStep,
  SCOPES,
  scopesOf,
  settle,
  sumOf,
} from './settle';

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
}

type ClassifiedClaimLine = { readonly line: ClaimLine; readonly result: Classification };
/** What is still unpaid of each line, by scope. */
type Unpaid = Record<Scope, number>[];

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

/**
 * Spreads what a plan paid over the lines: scope by scope, in proportion to what is still unpaid,
 * exact to the fen.
 */
const spread = (paid: ByScope, unpaid: Unpaid): number[] => {
  const parts = unpaid.map(() => 0);
  for (const scope of SCOPES) {
    const shares = allocate(
      paid[scope],
      unpaid.map((line) => line[scope]),
    );
    shares.forEach((fen, index) => {
      parts[index]! += fen;
      unpaid[index]![scope] -= fen;
    });
  }
  return parts;
};

/** Why a plan did not pay a line whole; only lines that the plan covers carry its reasons. */
const stepReasons = (step: PlanStep): string[] => [
  ...(step.deductibleFen > 0 ? ['DEDUCTIBLE'] : []),
  ...(step.coPaymentFen > 0 ? ['CO_PAYMENT'] : []),
  ...(step.aboveCapFen > 0 ? ['ABOVE_CAP'] : []),
  ...(step.personalAccountFen > 0 ? ['PERSONAL_ACCOUNT'] : []),
];

/**
 * The verdict on a visit: totals are settled once, then every plan's part is spread over the lines.
 * Reasons per line: those of `classify`, then DEDUCTIBLE, CO_PAYMENT, ABOVE_CAP, PERSONAL_ACCOUNT,
 * or NO_COVERAGE where there is no plan.
 */
export const adjudicate = (coverage: Coverage, lines: readonly ClaimLine[]): Adjudication => {
  const settled = lines.map((line) => ({ line, result: classify(coverage, line) }));
  const totals = settled.reduce((sum, { result }) => addTotals(sum, result), emptyTotals);
  const { payers, patientFen, steps } = settle(coverage, totals);
  const unpaid: Unpaid = settled.map(({ result }) => ({ ...scopesOf(result) }));
  const plans = steps.map((step, index) => {
    const covers = coverage.plans[index]!.covers ?? ['inScope'];
    const covered = unpaid.map((line) => covers.some((scope) => line[scope] > 0));
    const parts = spread(step.paid, unpaid);
    const reasonsOf = (at: number): string[] =>
      covered[at] || parts[at]! > 0 ? stepReasons(step) : [];
    return {
      planId: step.planId,
      payerId: step.payerId,
      step,
      lines: settled.map((each, at) => claimLineResult(each, parts[at]!, reasonsOf(at))),
    };
  });
  const results = settled.map((each, at) => {
    const payersFen = each.line.amountFen - sumOf(unpaid[at]!);
    return claimLineResult(
      each,
      payersFen,
      plans.length === 0 ? ['NO_COVERAGE'] : plans.flatMap((plan) => plan.lines[at]!.reasons),
    );
  });
  return { payers, patientDueFen: patientFen, totals, lines: results, plans };
};

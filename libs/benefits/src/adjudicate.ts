import type { Coverage, ClaimLineResult, ClaimLine, Scope } from '@caretab/contracts';
import type { Verdict } from '@caretab/plans';
import { addTotals, classify, emptyTotals, type ScopeTotals } from './classify';
import type { ClaimDays } from './coverage-claim';
import { isByDocuments } from './documents';
import { type ClassifiedClaimLine, pricedLineOf } from './priced-line';
import { totalsOfScopes } from './tab';
import { type PlanPart, type PlanStep, partOf, verdictOf } from './settle';

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

const NONE: readonly string[] = [];

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
  reasons: [...result.reasons, ...reasons],
});

/** Why a plan did not pay a line whole; only lines that the plan covers carry its reasons. */
const stepReasons = (step: PlanStep): string[] => [
  ...(step.deductibleFen > 0 ? ['DEDUCTIBLE'] : []),
  ...(step.coPaymentFen > 0 ? ['CO_PAYMENT'] : []),
  ...(step.aboveCapFen > 0 ? ['ABOVE_CAP'] : []),
  ...(step.personalAccountFen > 0 ? ['PERSONAL_ACCOUNT'] : []),
];

/** A line as the rules of documents sorted it: their rules for lines may differ from the standard. */
const sortedBy = (given: ClassifiedClaimLine, scopes: readonly number[]): ClassifiedClaimLine => {
  const { line, result } = given;
  const totals = totalsOfScopes(scopes);
  const isStandard = Object.entries(totals).every(
    ([scope, fen]) => result[scope as keyof ScopeTotals] === fen,
  );
  if (isStandard) return given;
  const { category, reasons } = result;
  const unlisted = reasons.includes('NOT_IN_CATALOGUE') ? 'NOT_IN_CATALOGUE' : 'OWN_EXPENSE';
  const found = [
    ...(totals.ownExpenseFen > 0 ? [unlisted] : []),
    ...(totals.overLimitFen > 0 ? ['OVER_PRICE_LIMIT'] : []),
    ...(totals.firstSelfPayFen > 0 ? ['FIRST_SELF_PAY'] : []),
  ];
  return { line, result: { category, ...totals, reasons: found } };
};

const IN_SCOPE: readonly Scope[] = ['inScope'];

/** How much of a line lies in the scopes that a plan covers. */
const coveredFen = (totals: ScopeTotals, covers: readonly Scope[]): number => {
  let fen = 0;
  for (const scope of covers)
    if (scope === 'inScope') fen += totals.inScopeFen;
    else if (scope === 'firstSelfPay') fen += totals.firstSelfPayFen;
    else fen += scope === 'overLimit' ? totals.overLimitFen : totals.ownExpenseFen;
  return fen;
};

/** What a plan's fund paid of each line; one that took no part paid none. */
const fundsOf = ({ plans, lines }: Verdict, planId: string): readonly number[] =>
  plans.find(({ plan }) => plan === planId)?.lines ?? lines!.map(() => 0);

/**
 * The verdict on a visit, by the coverage's plans in the plan language: their parts are spread over
 * the lines. Reasons per line: those of `classify`, then DEDUCTIBLE, CO_PAYMENT, ABOVE_CAP,
 * PERSONAL_ACCOUNT, or NO_COVERAGE where there is no plan. Documents are asked for the days, too.
 */
export const adjudicate = (
  coverage: Coverage,
  lines: readonly ClaimLine[],
  days: ClaimDays = {},
): Adjudication => {
  const given = lines.map((line) => ({ line, result: classify(coverage, line) }));
  const priced = given.map((each) => pricedLineOf(coverage, each));
  const { verdict, steps } = verdictOf(coverage, priced, days);
  const settled = isByDocuments(coverage)
    ? given.map((each, at) => sortedBy(each, verdict.lines![at]!.scopes))
    : given;
  const totals = settled.reduce((sum, { result }) => addTotals(sum, result), emptyTotals);
  const paidBefore = settled.map(() => 0);
  const reasons = settled.map((): string[] => (steps.length === 0 ? ['NO_COVERAGE'] : []));
  const plans = steps.map((step, index): PlanResult => {
    const funds = fundsOf(verdict, step.planId);
    const account = verdict.accounts.find((part) => part.account === step.planId)?.lines;
    const covers = coverage.plans[index]!.covers ?? IN_SCOPE;
    const whyNotWhole = stepReasons(step);
    const lines = settled.map((each, at) => {
      const partFen = funds[at]! + (account?.[at] ?? 0);
      // A plan gives reasons where the funds before it have left something that it covers.
      const isCovered = coveredFen(each.result, covers) > paidBefore[at]!;
      paidBefore[at]! += funds[at]!;
      const own = isCovered || partFen > 0 ? whyNotWhole : NONE;
      for (const reason of own) if (!reasons[at]!.includes(reason)) reasons[at]!.push(reason);
      return claimLineResult(each, partFen, own);
    });
    return { planId: step.planId, payerId: step.payerId, step, lines };
  });
  const results = settled.map((each, at) =>
    claimLineResult(each, each.line.amountFen - verdict.lines![at]!.patientFen, reasons[at]!),
  );
  const payers = steps.map(partOf).filter(({ amountFen }) => amountFen > 0);
  return { payers, patientDueFen: verdict.patientFen, totals, lines: results, plans, verdict };
};

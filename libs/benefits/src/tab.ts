import { businessDateOf, type Coverage, type ClaimLine } from '@caretab/contracts';
import { emptyTally, GrowingClaim, SCOPES, withLine } from '@caretab/plans';
import { classify, type ScopeTotals } from './classify';
import { claimOfDocuments } from './coverage-claim';
import { pricedLineOf } from './priced-line';
import { rulesOf } from './settle';

/** An open visit as a coverage by documents sees it. */
export interface Tab {
  readonly totals: ScopeTotals;
  /** What the patient would owe if the visit ended on the day of its last charge. */
  readonly patientEstimateFen: number;
}

/** Scopes of the plan language as the platform adds them up: direct payment is within the policy. */
export const totalsOfScopes = (scopes: readonly number[]): ScopeTotals => {
  const of = (scope: (typeof SCOPES)[number]): number => scopes[SCOPES.indexOf(scope)]!;
  return {
    grossFen: scopes.reduce((sum, fen) => sum + fen, 0),
    ownExpenseFen: of('ownExpense'),
    overLimitFen: of('overLimit'),
    firstSelfPayFen: of('firstSelfPay'),
    inScopeFen: of('inScope') + of('direct'),
  };
};

/**
 * What charges come to under a coverage that names documents: the same functions of the same
 * versions as the verdict's. The documents have to be known.
 */
export const tabOf = (coverage: Coverage, lines: readonly ClaimLine[]): Tab => {
  const { rules, used, accounts } = rulesOf(coverage);
  const days = lines.map(({ occurredAt }) => businessDateOf(occurredAt));
  const discharged = days.reduce((last, day) => (day > last ? day : last), coverage.catalogueDate);
  const claim = claimOfDocuments(coverage, accounts, { lines: [] }, { discharged });
  const growing = new GrowingClaim(rules, claim, used);
  let tally = emptyTally;
  for (const line of lines) {
    const priced = pricedLineOf(coverage, { line, result: classify(coverage, line) });
    tally = withLine(tally, growing.sort(priced, tally));
  }
  const { scopes, patientFen } = growing.verdict(tally);
  return { totals: totalsOfScopes(scopes), patientEstimateFen: patientFen };
};

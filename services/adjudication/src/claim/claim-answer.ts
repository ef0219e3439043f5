import { isWithin, type Scope } from '@caretab/access';
import type { ScopeTotals } from '@caretab/benefits';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { ClaimCause, ClaimInputs } from './claim-basis';
import { type ClaimExplanation, claimExplanation, verdictOfPlans } from './claim-explanation';
import { type ClaimLineRow, type ClaimRow, claimLineTable, claimTable } from './claim.table';

/** What a line keeps for itself. */
type Kept = 'visitId' | 'revision' | 'place' | 'quantity' | 'occurredAt';

/**
 * A claim as an operator, a hospital's clerk or an auditor reads it; the README maps its fields to
 * the national interface.
 */
export interface ClaimAnswer {
  readonly visitId: string;
  readonly claimId: string;
  readonly revision: number;
  readonly personId: string;
  readonly institutionId: string;
  readonly adjudicatedAt: string;
  readonly totals: ScopeTotals;
  readonly payers: ClaimRow['payers'];
  readonly patientDueFen: number;
  /** How each plan came to its part. */
  readonly steps: ClaimRow['steps'];
  readonly coverage: ClaimRow['coverage'];
  readonly lines: readonly Omit<ClaimLineRow, Kept>[];
  /** Of claims of earlier releases there is none. */
  readonly explanation?: ClaimExplanation;
  readonly revisions: readonly {
    readonly revision: number;
    readonly grossFen: number;
    readonly patientDueFen: number;
    readonly adjudicatedAt: string;
    /** Why it was settled again; of a first one, and of earlier releases' there is none. */
    readonly cause?: ClaimCause;
  }[];
  /** What the verdict stood on; of claims of earlier releases there is none. */
  readonly inputs?: ClaimInputs;
}

/** What insurers see of a claim: their own plans. */
const ofPayers = (claim: ClaimRow, payers: ReadonlySet<string>): ClaimRow => {
  const own = <Part extends { readonly payerId: string }>(parts: readonly Part[]): Part[] =>
    parts.filter(({ payerId }) => payers.has(payerId));
  const plans = own(claim.coverage.plans);
  const planIds = new Set(plans.map(({ planId }) => planId));
  return {
    ...claim,
    payers: own(claim.payers),
    steps: own(claim.steps),
    coverage: { ...claim.coverage, plans },
    verdict: claim.verdict && verdictOfPlans(claim.verdict, planIds),
    inputs: claim.inputs && {
      ...claim.inputs,
      plans: claim.inputs.plans.filter(({ planId }) => planIds.has(planId)),
    },
  };
};

/** As much of a claim as lies within the scopes; undefined: nothing of it. */
const seenWithin = (scopes: readonly Scope[], claim: ClaimRow): ClaimRow | undefined => {
  const { institutionId: institution, personId: person } = claim;
  if (isWithin(scopes, { institution, person })) return claim;
  const payers = scopes.flatMap(({ payer }) => payer ?? []);
  const seen = ofPayers(claim, new Set(payers));
  return seen.payers.length > 0 ? seen : undefined;
};

/**
 * The latest verdict on a visit, as much of it as lies within the scopes. Throws CLAIM_UNKNOWN
 * (not-found).
 */
export const claimAnswer = async (
  store: Store,
  visitId: string,
  scopes: readonly Scope[],
): Promise<ClaimAnswer> => {
  const revisions = await store.transact(
    (transaction) => transaction.rows(claimTable).find({ visitId }, { orderBy: 'revision' }),
    { within: scopes },
  );
  const latest = revisions.at(-1);
  const claim = latest && seenWithin(scopes, latest);
  if (!claim) throw new DomainError('CLAIM_UNKNOWN', 'not-found', { visitId });
  const lines = await store.transact(
    (transaction) =>
      transaction
        .rows(claimLineTable)
        .find({ visitId, revision: claim.revision }, { orderBy: 'place' }),
    { within: scopes },
  );
  return answerOf(claim, lines, revisions);
};

const answerOf = (
  claim: ClaimRow,
  lines: readonly ClaimLineRow[],
  revisions: readonly ClaimRow[],
): ClaimAnswer => {
  const { adjudicatedAt, inputs, ...row } = claim;
  const { contentHash: _, effects: __, verdict: ___, cause: ____, ...told } = row;
  const explanation = claimExplanation(claim);
  return {
    ...told,
    ...(explanation && { explanation }),
    ...(inputs && { inputs }),
    adjudicatedAt: adjudicatedAt.toISOString(),
    lines: lines.map(
      ({
        visitId: _visit,
        revision: _revision,
        place: _place,
        quantity: _quantity,
        occurredAt: _occurredAt,
        ...line
      }) => line,
    ),
    revisions: revisions.map((each) => ({
      revision: each.revision,
      grossFen: each.totals.grossFen,
      patientDueFen: each.patientDueFen,
      adjudicatedAt: each.adjudicatedAt.toISOString(),
      ...(each.cause && { cause: each.cause }),
    })),
  };
};

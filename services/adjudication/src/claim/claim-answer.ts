import type { ScopeTotals } from '@caretab/benefits';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { type ClaimLineRow, type ClaimRow, claimLineTable, claimTable } from './claim.table';

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
  readonly lines: readonly Omit<ClaimLineRow, 'visitId' | 'revision' | 'place'>[];
  readonly revisions: readonly {
    readonly revision: number;
    readonly grossFen: number;
    readonly patientDueFen: number;
    readonly adjudicatedAt: string;
  }[];
}

/** The latest verdict on a visit. Throws CLAIM_UNKNOWN (not-found). */
export const claimAnswer = (store: Store, visitId: string): Promise<ClaimAnswer> =>
  store.transact(async (transaction) => {
    const revisions = await transaction.rows(claimTable).find({ visitId }, { orderBy: 'revision' });
    const claim = revisions.at(-1);
    if (!claim) throw new DomainError('CLAIM_UNKNOWN', 'not-found', { visitId });
    const lines = await transaction
      .rows(claimLineTable)
      .find({ visitId, revision: claim.revision }, { orderBy: 'place' });
    return answerOf(claim, lines, revisions);
  });

const answerOf = (
  claim: ClaimRow,
  lines: readonly ClaimLineRow[],
  revisions: readonly ClaimRow[],
): ClaimAnswer => {
  const { contentHash: _, effects: __, adjudicatedAt, ...told } = claim;
  return {
    ...told,
    adjudicatedAt: adjudicatedAt.toISOString(),
    lines: lines.map(({ visitId: _visit, revision: _revision, place: _place, ...line }) => line),
    revisions: revisions.map((each) => ({
      revision: each.revision,
      grossFen: each.totals.grossFen,
      patientDueFen: each.patientDueFen,
      adjudicatedAt: each.adjudicatedAt.toISOString(),
    })),
  };
};

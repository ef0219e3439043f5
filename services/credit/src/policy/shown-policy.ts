import type { LinePolicy } from './line-policy';
import type { Tally } from './dry-run';
import type { LinePolicyRow } from './policy.table';

/** A policy as the office sees it. */
export interface ShownPolicy extends Pick<
  LinePolicyRow,
  | 'version'
  | 'policyId'
  | 'region'
  | 'effectiveFrom'
  | 'putBy'
  | 'putAt'
  | 'approvedBy'
  | 'approvedAt'
  | 'droppedBy'
  | 'droppedAt'
  | 'dryRun'
> {
  readonly state: 'draft' | 'approved' | 'in-force' | 'replaced' | 'dropped';
  readonly followed: {
    readonly accounts: number;
    readonly raised: Tally;
    readonly lowered: Tally;
    readonly waiting?: number;
  };
}

const stateOf = (
  { state, version, effectiveFrom }: LinePolicyRow,
  inForce: LinePolicy,
): ShownPolicy['state'] => {
  if (state !== 'approved') return state;
  if (version === inForce.version) return 'in-force';
  return effectiveFrom <= inForce.document.effectiveFrom ? 'replaced' : 'approved';
};

export const shownPolicy = (row: LinePolicyRow, inForce: LinePolicy): ShownPolicy => {
  const { version, policyId, region, effectiveFrom, putBy, putAt, approvedBy, approvedAt } = row;
  const { droppedBy, droppedAt, dryRun, followedCount } = row;
  return {
    ...{ version, policyId, region, effectiveFrom, state: stateOf(row, inForce) },
    ...{ putBy, putAt, approvedBy, approvedAt, droppedBy, droppedAt, dryRun },
    followed: {
      accounts: followedCount,
      raised: { accounts: row.raisedCount, changeFen: row.raisedFen },
      lowered: { accounts: row.loweredCount, changeFen: row.loweredFen },
    },
  };
};

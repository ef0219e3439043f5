import type { LinePolicyDocument } from '@caretab/contracts';
import {
  bigintColumn,
  dateColumn,
  fenColumn,
  instantColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';
import type { DryRun } from './dry-run';

/** One content of a policy document, and what became of it. A document is never changed. */
export interface LinePolicyRow {
  readonly version: string;
  readonly policyId: string;
  readonly region: string;
  /** YYYY-MM-DD, Asia/Shanghai. */
  readonly effectiveFrom: string;
  readonly document: LinePolicyDocument;
  /** An approved one is in force from its day until the next one's. */
  readonly state: 'draft' | 'approved' | 'dropped';
  readonly putBy: string;
  readonly putAt: Date;
  readonly approvedBy: string | null;
  readonly approvedAt: Date | null;
  readonly droppedBy: string | null;
  readonly droppedAt: Date | null;
  /** The latest. */
  readonly dryRun: DryRun | null;
  /** Open lines that followed it; those whose line it raised or lowered, and by how much. */
  readonly followedCount: number;
  readonly raisedCount: number;
  readonly raisedFen: number;
  readonly loweredCount: number;
  readonly loweredFen: number;
}

export const linePolicyTable = table<LinePolicyRow>({
  name: 'line_policy',
  columns: {
    version: textColumn(undefined, { primary: true }),
    policyId: textColumn('policy_id'),
    region: textColumn(),
    effectiveFrom: dateColumn('effective_from'),
    document: jsonColumn(),
    state: textColumn(),
    putBy: textColumn('put_by'),
    putAt: instantColumn('put_at'),
    approvedBy: textColumn('approved_by', { nullable: true }),
    approvedAt: instantColumn('approved_at', { nullable: true }),
    droppedBy: textColumn('dropped_by', { nullable: true }),
    droppedAt: instantColumn('dropped_at', { nullable: true }),
    dryRun: jsonColumn('dry_run', { nullable: true }),
    followedCount: bigintColumn('followed_count'),
    raisedCount: bigintColumn('raised_count'),
    raisedFen: fenColumn('raised_fen'),
    loweredCount: bigintColumn('lowered_count'),
    loweredFen: fenColumn('lowered_fen'),
  },
});

/** A row as it is put: nothing has become of it. */
export const freshPolicy = (
  { version, document }: { readonly version: string; readonly document: LinePolicyDocument },
  put: { readonly by: string; readonly at: Date },
): LinePolicyRow => {
  const { policyId, region, effectiveFrom } = document;
  return {
    ...{ version, policyId, region, effectiveFrom, document },
    ...{ state: 'draft', putBy: put.by, putAt: put.at },
    ...{ approvedBy: null, approvedAt: null, droppedBy: null, droppedAt: null, dryRun: null },
    ...{ followedCount: 0, raisedCount: 0, raisedFen: 0, loweredCount: 0, loweredFen: 0 },
  };
};

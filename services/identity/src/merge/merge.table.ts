import type { MergeEvidence } from '@caretab/contracts';
import { instantColumn, integerColumn, table, textColumn } from '@caretab/store';

/** That two persons said that two registrations are one human being; and that they are two again. */
export interface MergeRow {
  readonly mergeId: string;
  /** Who is merged. */
  readonly personId: string;
  readonly survivorId: string;
  /** Of its message; the one that takes it back is the next. */
  readonly revision: number;
  readonly evidenceKind: MergeEvidence['kind'];
  readonly evidenceReference: string;
  readonly why: string;
  readonly mergedBy: string;
  readonly approvedBy: string;
  readonly mergedAt: Date;
  readonly undoneAt: Date | null;
  readonly undoneBy: string | null;
  readonly undoneWhy: string | null;
}

export const mergeTable = table<MergeRow>({
  name: 'person_merge',
  columns: {
    mergeId: textColumn('merge_id', { primary: true }),
    personId: textColumn('person_id'),
    survivorId: textColumn('survivor_id'),
    revision: integerColumn(),
    evidenceKind: textColumn('evidence_kind'),
    evidenceReference: textColumn('evidence_reference'),
    why: textColumn(),
    mergedBy: textColumn('merged_by'),
    approvedBy: textColumn('approved_by'),
    mergedAt: instantColumn('merged_at'),
    undoneAt: instantColumn('undone_at', { nullable: true }),
    undoneBy: textColumn('undone_by', { nullable: true }),
    undoneWhy: textColumn('undone_why', { nullable: true }),
  },
});

/** A subject that got a token for a person by a merge: it is void once the merge is taken back. */
export interface MergedTokenRow {
  readonly subjectId: string;
  readonly personId: string;
}

export const mergedTokenTable = table<MergedTokenRow>({
  name: 'merged_token',
  columns: {
    subjectId: textColumn('subject_id', { primary: true }),
    personId: textColumn('person_id', { primary: true }),
  },
});

import {
  booleanColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';
import type { Evidence } from './matching';

/** `overtaken`: a rule decided, or one side went elsewhere, before a person looked. */
export type MatchCaseStatus = 'open' | 'same' | 'different' | 'overtaken';

/** A record that may be of a person: what agrees and what that weighs, never a value. */
export interface MatchCaseRow {
  readonly caseId: string;
  /** A record; or a personId, where two who registered may be one. */
  readonly recordId: string;
  readonly personId: string;
  readonly status: MatchCaseStatus;
  /** Hundredths of a bit. */
  readonly centibits: number;
  readonly likely: boolean;
  readonly evidence: readonly Evidence[];
  readonly openedAt: Date;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly approvedBy: string | null;
  readonly why: string | null;
}

export const matchCaseTable = table<MatchCaseRow>({
  name: 'match_case',
  columns: {
    caseId: textColumn('case_id', { primary: true }),
    recordId: textColumn('record_id'),
    personId: textColumn('person_id'),
    status: textColumn(),
    centibits: integerColumn(),
    likely: booleanColumn(),
    evidence: jsonColumn(),
    openedAt: instantColumn('opened_at'),
    decidedAt: instantColumn('decided_at', { nullable: true }),
    decidedBy: textColumn('decided_by', { nullable: true }),
    approvedBy: textColumn('approved_by', { nullable: true }),
    why: textColumn('why', { nullable: true }),
  },
  uniques: [['recordId', 'personId']],
});

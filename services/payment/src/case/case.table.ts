import {
  fenColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';
import type { Answered } from '../channel/channel';

export type CaseKind =
  | 'order'
  | 'refund'
  | 'statement-row'
  | 'presence'
  | 'risk'
  | 'payout'
  | 'bank-entry'
  | 'difference';
/** How a case was closed. `answered`: the channel gave a clear answer after all. */
export type CaseResolution =
  | 'answered'
  | 'captured'
  | 'failed'
  | 'retry'
  | 'other-account'
  | 'cash'
  | 'transfer'
  | 'made'
  | 'not-made'
  | 'void'
  | 'noted'
  | 'won'
  | 'lost'
  | 'theirs'
  | 'not-theirs'
  | 'released'
  | 'refused';

/** By which two people end a case. */
export type GivenResolution = Exclude<
  CaseResolution,
  'answered' | 'captured' | 'failed' | 'retry' | 'void'
>;

/**
 * What a person has to look at: an order, a refund or a row of a statement, why, what was asked and
 * what was answered.
 */
export interface CaseRow {
  readonly caseId: string;
  readonly kind: CaseKind;
  /** Id of an order, refund, row, instruction or bank entry, or payment id of a visit that waits. */
  readonly subjectId: string;
  /** Null: of a pay-out or a bank entry, or of a row that refers to no order that we know. */
  readonly visitId: string | null;
  readonly amountFen: number;
  readonly reason: string;
  readonly asked: Answered;
  /** The last answer; null where there was none. */
  readonly answered: Answered | null;
  readonly status: 'open' | 'closed';
  /** Who looks after it. */
  readonly owner: string;
  readonly openedAt: Date;
  /** How often the same was seen while it was open, and when last. */
  readonly timesSeen: number;
  readonly lastSeenAt: Date;
  readonly closedAt: Date | null;
  readonly resolution: CaseResolution | null;
  readonly declaredBy: string | null;
  readonly approvedBy: string | null;
  readonly evidence: string | null;
}

export const caseTable = table<CaseRow>({
  name: 'payment_case',
  columns: {
    caseId: textColumn('case_id', { primary: true }),
    kind: textColumn(),
    subjectId: textColumn('subject_id'),
    visitId: textColumn('visit_id', { nullable: true }),
    amountFen: fenColumn('amount_fen'),
    reason: textColumn(),
    asked: jsonColumn(),
    answered: jsonColumn(undefined, { nullable: true }),
    status: textColumn(),
    owner: textColumn(),
    openedAt: instantColumn('opened_at'),
    timesSeen: integerColumn('times_seen'),
    lastSeenAt: instantColumn('last_seen_at'),
    closedAt: instantColumn('closed_at', { nullable: true }),
    resolution: textColumn(undefined, { nullable: true }),
    declaredBy: textColumn('declared_by', { nullable: true }),
    approvedBy: textColumn('approved_by', { nullable: true }),
    evidence: textColumn(undefined, { nullable: true }),
  },
});

import { instantColumn, jsonColumn, table, textColumn } from '@caretab/store';

export type ApprovalState = 'open' | 'given' | 'refused' | 'used';

/** One request that needs a second person, and what became of it. */
export interface ApprovalRow {
  readonly approvalId: string;
  /** Of action, path, query, body and requester: what is approved is this request and no other. */
  readonly digest: string;
  readonly action: string;
  readonly institution: string | null;
  readonly person: string | null;
  readonly params: Readonly<Record<string, unknown>>;
  /** What the approver is shown of the body; emptied once it is over. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly state: ApprovalState;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly why: string | null;
  readonly usedAt: Date | null;
  readonly outcome: string | null;
}

export const approvalTable = table<ApprovalRow>({
  name: 'approval',
  columns: {
    approvalId: textColumn('approval_id', { primary: true }),
    digest: textColumn(),
    action: textColumn(),
    institution: textColumn(undefined, { nullable: true }),
    person: textColumn(undefined, { nullable: true }),
    params: jsonColumn(),
    about: jsonColumn(),
    requestedBy: textColumn('requested_by'),
    requestedAt: instantColumn('requested_at'),
    expiresAt: instantColumn('expires_at'),
    state: textColumn(),
    decidedBy: textColumn('decided_by', { nullable: true }),
    decidedAt: instantColumn('decided_at', { nullable: true }),
    why: textColumn(undefined, { nullable: true }),
    usedAt: instantColumn('used_at', { nullable: true }),
    outcome: textColumn(undefined, { nullable: true }),
  },
});

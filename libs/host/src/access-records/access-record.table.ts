import { bigintColumn, instantColumn, integerColumn, table, textColumn } from '@caretab/store';

/** One access: ids alone, and never what was read or written. */
export interface AccessRecordRow {
  /** 1, 2, 3: none is left out. */
  readonly position: number;
  readonly at: Date;
  readonly subject: string;
  readonly roles: string;
  readonly through: string | null;
  readonly action: string;
  readonly institution: string | null;
  readonly person: string | null;
  /** Ids of the path. */
  readonly thing: string | null;
  readonly outcome: 'allowed' | 'refused';
  readonly policies: string;
  readonly purpose: string | null;
  readonly approval: string | null;
  readonly approvedBy: string | null;
  readonly address: string | null;
  readonly trace: string | null;
  /** So many of one minute, where it was refused. */
  readonly times: number;
  readonly previous: string;
  readonly hash: string;
}

const optional = { nullable: true } as const;

export const accessRecordTable = table<AccessRecordRow>({
  name: 'access_record',
  columns: {
    position: bigintColumn(undefined, { primary: true }),
    at: instantColumn(),
    subject: textColumn(),
    roles: textColumn(),
    through: textColumn(undefined, optional),
    action: textColumn(),
    institution: textColumn(undefined, optional),
    person: textColumn(undefined, optional),
    thing: textColumn(undefined, optional),
    outcome: textColumn(),
    policies: textColumn(),
    purpose: textColumn(undefined, optional),
    approval: textColumn(undefined, optional),
    approvedBy: textColumn('approved_by', optional),
    address: textColumn(undefined, optional),
    trace: textColumn(undefined, optional),
    times: integerColumn(),
    previous: textColumn(),
    hash: textColumn(),
  },
  owners: { person: 'person' },
});

/** The last record: who writes the next ones holds its lock. */
export const accessHeadTable = table<{
  readonly id: 'head';
  readonly position: number;
  readonly hash: string;
}>({
  name: 'access_head',
  columns: {
    id: textColumn(undefined, { primary: true }),
    position: bigintColumn(),
    hash: textColumn(),
  },
});

/** Deletes the records before a time when it is inserted, and stays. */
export const accessPruningTable = table<{
  readonly pruningId: string;
  readonly prunedAt: Date;
  readonly before: Date;
}>({
  name: 'access_pruning',
  columns: {
    pruningId: textColumn('pruning_id', { primary: true }),
    prunedAt: instantColumn('pruned_at'),
    before: instantColumn(),
  },
});

import { instantColumn, integerColumn, table, textColumn } from '@caretab/store';

/** One appeal against one score. It holds no text of the citizen's. */
export interface AppealRow {
  readonly appealId: string;
  readonly personId: string;
  /** What it is against. */
  readonly score: number;
  readonly scoredAt: Date;
  readonly ground: 'NOT_MINE' | 'FACTS_WRONG' | 'OUTDATED' | 'OTHER';
  readonly status: 'open' | 'decided';
  readonly openedBy: string;
  readonly openedAt: Date;
  readonly owner: string | null;
  readonly outcome: 'stands' | 'overridden' | null;
  readonly newScore: number | null;
  readonly why: string | null;
  readonly decidedBy: string | null;
  readonly approvedBy: string | null;
  readonly decidedAt: Date | null;
}

export const appealTable = table<AppealRow>({
  name: 'score_appeal',
  columns: {
    appealId: textColumn('appeal_id', { primary: true }),
    personId: textColumn('person_id'),
    score: integerColumn(),
    scoredAt: instantColumn('scored_at'),
    ground: textColumn(),
    status: textColumn(),
    openedBy: textColumn('opened_by'),
    openedAt: instantColumn('opened_at'),
    owner: textColumn(undefined, { nullable: true }),
    outcome: textColumn(undefined, { nullable: true }),
    newScore: integerColumn('new_score', { nullable: true }),
    why: textColumn(undefined, { nullable: true }),
    decidedBy: textColumn('decided_by', { nullable: true }),
    approvedBy: textColumn('approved_by', { nullable: true }),
    decidedAt: instantColumn('decided_at', { nullable: true }),
  },
  owners: { person: 'personId' },
});

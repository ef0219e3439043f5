import { instantColumn, integerColumn, table, textColumn } from '@caretab/store';

/** A question to the credit platform about a person; the row goes once the person is forgotten. */
export interface ScoreQueryRow {
  readonly personId: string;
  readonly queryId: string;
  readonly why: 'enrolment' | 'expiring';
  readonly askedSince: Date;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly lease: number;
  /** How the last attempt ended; null: none has yet. */
  readonly outcome: string | null;
  readonly answeredAt: Date | null;
}

export const scoreQueryTable = table<ScoreQueryRow>({
  name: 'score_query',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    queryId: textColumn('query_id'),
    why: textColumn(),
    askedSince: instantColumn('asked_since'),
    attempts: integerColumn(),
    nextAttemptAt: instantColumn('next_attempt_at', { nullable: true }),
    lease: integerColumn(),
    outcome: textColumn(undefined, { nullable: true }),
    answeredAt: instantColumn('answered_at', { nullable: true }),
  },
  owners: { person: 'personId' },
});

import { instantColumn, integerColumn, jsonColumn, table, textColumn } from '@caretab/store';

/** What the credit authority says beside the figure. */
export interface ScoreDetails {
  readonly modelVersion?: string | undefined;
  /** Points by the code of a dimension that the line policy names. */
  readonly dimensions?: Readonly<Record<string, number>> | undefined;
  /** Why it is as it is: what the citizen may see. */
  readonly reasons?: readonly { readonly zh: string; readonly en: string }[] | undefined;
}

export interface ScoreRow {
  readonly personId: string;
  readonly score: number;
  readonly scoredAt: Date;
  /** From then on it gives no new line; null: it has no end. */
  readonly expiresAt: Date | null;
  /** When the citizen is notified that it expires; null: they were, or there is no need. */
  readonly warnAt: Date | null;
  /** Null once the person is forgotten. */
  readonly details: ScoreDetails | null;
}

export const scoreTable = table<ScoreRow>({
  name: 'score',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    score: integerColumn(),
    scoredAt: instantColumn('scored_at'),
    expiresAt: instantColumn('expires_at', { nullable: true }),
    warnAt: instantColumn('warn_at', { nullable: true }),
    details: jsonColumn(undefined, { nullable: true }),
  },
  owners: { person: 'personId' },
});

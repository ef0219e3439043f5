import {
  booleanColumn,
  dateColumn,
  instantColumn,
  jsonColumn,
  table,
  textColumn,
  type Transaction,
} from '@caretab/store';

/** A visit of which a neighbour knows something else; the row ends with the difference. */
export interface DifferenceRow {
  readonly neighbour: string;
  readonly day: string;
  readonly visitId: string;
  readonly ours: Readonly<Record<string, unknown>> | null;
  readonly theirs: Readonly<Record<string, unknown>> | null;
  /** What is only under way is not held: the neighbour may get it any moment. */
  readonly isHeld: boolean;
  /** When the two first differed as they do now. */
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

export const differenceTable = table<DifferenceRow>({
  name: 'difference',
  columns: {
    neighbour: textColumn(undefined, { primary: true }),
    day: dateColumn(undefined, { primary: true }),
    visitId: textColumn('visit_id', { primary: true }),
    ours: jsonColumn(undefined, { nullable: true }),
    theirs: jsonColumn(undefined, { nullable: true }),
    isHeld: booleanColumn('is_held'),
    firstSeenAt: instantColumn('first_seen_at'),
    lastSeenAt: instantColumn('last_seen_at'),
  },
});

/** Which of these visits are held, in the caller's transaction. */
export const heldAmong = async (
  transaction: Transaction,
  visitIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (visitIds.length === 0) return new Set();
  const rows = await transaction
    .rows(differenceTable)
    .find({ visitId: { in: [...new Set(visitIds)] }, isHeld: true });
  return new Set(rows.map(({ visitId }) => visitId));
};

import {
  dateColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  table,
} from '@caretab/store';

/** A movement that one side does not have, or has otherwise; null where a side has no amount. */
export interface Difference {
  readonly what: 'only-ours' | 'only-theirs' | 'amounts-differ' | 'other';
  readonly kind: string;
  readonly id: string;
  readonly oursFen: number | null;
  readonly theirsFen: number | null;
}

/** The latest comparison of a day, by the channel's clearing date, with the channel's statement. */
export interface ReconciliationRow {
  readonly date: string;
  readonly matched: number;
  /** Captures less refunds. */
  readonly matchedFen: number;
  readonly onlyOurs: number;
  readonly onlyTheirs: number;
  readonly amountsDiffer: number;
  /** Chargebacks, unreadable rows and unknown kinds that no operator has noted; no fees. */
  readonly others: number;
  /** Near the edge of the channel's day: on the statement of the day beside it, or awaited there. */
  readonly inTransit: number;
  /** The first hundred. */
  readonly differences: readonly Difference[];
  readonly reconciledAt: Date;
  /** Since when it differs without a break; null: it agrees. */
  readonly differsSince: Date | null;
}

export const reconciliationTable = table<ReconciliationRow>({
  name: 'reconciliation',
  columns: {
    date: dateColumn(undefined, { primary: true }),
    matched: integerColumn(),
    matchedFen: fenColumn('matched_fen'),
    onlyOurs: integerColumn('only_ours'),
    onlyTheirs: integerColumn('only_theirs'),
    amountsDiffer: integerColumn('amounts_differ'),
    others: integerColumn(),
    inTransit: integerColumn('in_transit'),
    differences: jsonColumn(),
    reconciledAt: instantColumn('reconciled_at'),
    differsSince: instantColumn('differs_since', { nullable: true }),
  },
});

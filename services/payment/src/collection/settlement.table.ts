import {
  dateColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  table,
  textColumn,
} from '@caretab/store';

/**
 * A verdict in our books. A later revision reverses the earlier one whole, in a row of its own with
 * the other sign, and settles again; rows are never changed.
 */
export interface SettlementRow {
  readonly visitId: string;
  /** Of the verdict, of a reversal that of the reversed one. */
  readonly revision: number;
  readonly kind: 'settled' | 'reversed';
  readonly grossFen: number;
  readonly dueFen: number;
  /** The day of our books, by our clock as it was recorded. */
  readonly bookedOn: string;
  /** When the insurer settled it, by the insurer; null: it was not said. */
  readonly insurerSettledAt: Date | null;
}

export const settlementTable = table<SettlementRow>({
  name: 'settlement',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    revision: integerColumn(undefined, { primary: true }),
    kind: textColumn(undefined, { primary: true }),
    grossFen: fenColumn('gross_fen'),
    dueFen: fenColumn('due_fen'),
    bookedOn: dateColumn('booked_on'),
    insurerSettledAt: instantColumn('insurer_settled_at', { nullable: true }),
  },
});

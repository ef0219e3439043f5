import { dateColumn, fenColumn, instantColumn, table, textColumn } from '@caretab/store';

/** A row of the bank's statement that is neither capture nor refund; kept once, for good. */
export interface StatementRow {
  readonly rowId: string;
  /** Day of the statement. */
  readonly date: string;
  readonly kind: string;
  /** What the row refers to: an order id, where it is a chargeback. */
  readonly id: string;
  /** With the channel's own sign; null where the row has no whole amount. */
  readonly amountFen: number | null;
  /** Of the order that the row refers to, where payment knows it. */
  readonly visitId: string | null;
  /** The account that it was posted to, against the channel's; null: it is not posted. */
  readonly account: string | null;
  readonly keptAt: Date;
  /** When two operators ended its case. */
  readonly notedAt: Date | null;
}

export const statementRowTable = table<StatementRow>({
  name: 'statement_row',
  columns: {
    rowId: textColumn('row_id', { primary: true }),
    date: dateColumn(),
    kind: textColumn(),
    id: textColumn(),
    amountFen: fenColumn('amount_fen', { nullable: true }),
    visitId: textColumn('visit_id', { nullable: true }),
    account: textColumn(undefined, { nullable: true }),
    keptAt: instantColumn('kept_at'),
    notedAt: instantColumn('noted_at', { nullable: true }),
  },
});

import type { Table, Transaction, Where } from '@caretab/store';

/** Which rows are due, and how many of them are taken. */
export interface Due<Row extends object> {
  readonly table: Table<Row>;
  /** The column that says when a row is due; NULL: never. */
  readonly dueAt: keyof Row & string;
  readonly where: Where<Row>;
  readonly now: Date;
  readonly countMax: number;
}

/**
 * Locks rows that are due until the transaction ends, the longest overdue first. Rows that another
 * transaction has locked are skipped.
 */
export const lockDue = <Row extends object>(
  transaction: Transaction,
  { table, dueAt, where, now, countMax }: Due<Row>,
): Promise<Row[]> =>
  transaction.rows(table).find({ ...where, [dueAt]: { lte: now } } as Where<Row>, {
    orderBy: dueAt,
    countMax,
    lock: 'skip',
  });

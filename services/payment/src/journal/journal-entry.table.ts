import { dateColumn, fenColumn, instantColumn, table, textColumn } from '@caretab/store';

/** One side of one reference; never changed. */
export interface JournalEntryRow {
  readonly entryId: string;
  readonly reference: string;
  readonly account: string;
  readonly debitFen: number;
  readonly creditFen: number;
  readonly postedAt: Date;
  /** The day of our books; null: posted by a release that did not keep it. */
  readonly bookedOn: string | null;
}

export const journalEntryTable = table<JournalEntryRow>({
  name: 'journal_entry',
  columns: {
    entryId: textColumn('entry_id', { primary: true }),
    reference: textColumn(),
    account: textColumn(),
    debitFen: fenColumn('debit_fen'),
    creditFen: fenColumn('credit_fen'),
    postedAt: instantColumn('posted_at'),
    bookedOn: dateColumn('booked_on', { nullable: true }),
  },
  // The database refuses a statement after which a reference does not balance.
  together: 'reference',
});

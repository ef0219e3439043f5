import { bigintColumn, table, type Table, textColumn } from '@caretab/store';

/** An entry of the book in its place, as it was when it was booked. */
export interface BookEntryRow {
  /** 1, 2, 3: none is left out. */
  readonly position: number;
  /** That of the entry: the database counts inserts. */
  readonly number: number;
  /** By which people find the entry. */
  readonly key: string;
  /** Over the entry. */
  readonly hash: string;
}

export const bookEntryTable = table<BookEntryRow>({
  name: 'book_entry',
  columns: {
    position: bigintColumn(undefined, { primary: true }),
    number: bigintColumn(),
    key: textColumn(),
    hash: textColumn(),
  },
});

/** A view: transactions that write entries now. What they wrote has its numbers, and is not seen yet. */
export const bookWriterTable = table<{ readonly writer: string }>({
  name: 'book_writer',
  columns: { writer: textColumn(undefined, { primary: true }) },
});

export interface NumberedEntry {
  readonly number: number;
  readonly [field: string]: unknown;
}

/** A table of entries in the order of their numbers, which its service need not know. */
export const inNumbers = (entries: Table): Table<NumberedEntry> => ({
  ...entries,
  columns: new Map([
    ['number', { type: 'bigint', name: 'number', primary: true, nullable: false }],
    ...entries.columns,
  ]),
  key: ['number'],
});

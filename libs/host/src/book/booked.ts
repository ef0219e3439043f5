import { contentHash } from '@caretab/kernel';
import type { Table } from '@caretab/store';
import type { BookEntryRow, NumberedEntry } from './book.table';

/**
 * Over all that an entry has; a column that came later, and has nothing in it, leaves the hash as it
 * was.
 */
const entryHash = (entry: NumberedEntry): string =>
  contentHash(Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null)));

/** What is booked of an entry of this table. */
export const booked = (
  entries: Table,
  entry: NumberedEntry,
): Pick<BookEntryRow, 'number' | 'key' | 'hash'> => ({
  number: entry.number,
  key: entries.key.map((field) => String(entry[field])).join('/'),
  hash: entryHash(entry),
});

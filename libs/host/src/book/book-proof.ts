import type { AnchorReport } from '@caretab/anchors';
import type { Page, Store, Table } from '@caretab/store';
import type { ServiceAnchors } from '../anchors/service-anchors';
import { type BookEntryRow, bookEntryTable, inNumbers, type NumberedEntry } from './book.table';
import { booked } from './booked';
import { lastBooked } from './booking';

export interface BookFault {
  readonly kind: 'changed' | 'missing' | 'added' | 'gap';
  /** Null: it has none. */
  readonly position: number | null;
  readonly key: string;
}

export interface BookProof {
  readonly entries: number;
  /** Entries that are not booked yet. */
  readonly waiting: number;
  /** The first hundred. */
  readonly faults: readonly BookFault[];
  readonly anchors: AnchorReport | null;
}

interface BookProofParts {
  readonly store: Store;
  readonly entries: Table;
  readonly anchors: Pick<ServiceAnchors, 'compare'> | undefined;
}

const PAGE_ROWS = 1_000;
const FAULTS_MAX = 100;

/** Compares pages of what was booked with the entries that are there now. */
class Comparison {
  readonly faults: BookFault[] = [];
  count = 0;
  private last: Pick<BookEntryRow, 'position' | 'number'> = { position: 0, number: 0 };

  constructor(private readonly parts: Pick<BookProofParts, 'store' | 'entries'>) {}

  async add(page: readonly BookEntryRow[]): Promise<void> {
    const open = new Map(page.map((row) => [row.number, row]));
    for await (const entries of this.entriesUpTo(page.at(-1)!.number))
      for (const entry of entries) {
        const now = booked(this.parts.entries, entry);
        const row = open.get(entry.number);
        open.delete(entry.number);
        if (!row) this.fault('added', null, now.key);
        else if (row.hash !== now.hash || row.key !== now.key)
          this.fault('changed', row.position, row.key);
      }
    for (const { position, key } of open.values()) this.fault('missing', position, key);
    for (const row of page) {
      if (row.position !== this.last.position + 1) this.fault('gap', row.position, row.key);
      this.last = row;
    }
    this.count += page.length;
  }

  private async *entriesUpTo(number: number): AsyncGenerator<readonly NumberedEntry[]> {
    let after: number | undefined = this.last.number;
    while (after !== undefined) {
      const place: number = after;
      const { rows, next }: Page<NumberedEntry> = await this.parts.store.transact((transaction) =>
        transaction
          .rows(inNumbers(this.parts.entries))
          .page({ number: { lte: number } }, { countMax: PAGE_ROWS, after: { number: place } }),
      );
      yield rows;
      after = next?.number;
    }
  }

  private fault(kind: BookFault['kind'], position: number | null, key: string): void {
    if (this.faults.length < FAULTS_MAX) this.faults.push({ kind, position, key });
  }
}

/**
 * Compares the entries with what was booked of them, and that with the anchors outside of the
 * database. Gives how many were looked at meanwhile.
 */
export async function* proofOfBook({
  store,
  entries,
  anchors,
}: BookProofParts): AsyncGenerator<number, BookProof> {
  const comparison = new Comparison({ store, entries });
  let after: number | undefined = 0;
  while (after !== undefined) {
    const place: number = after;
    const { rows, next }: Page<BookEntryRow> = await store.transact((transaction) =>
      transaction
        .rows(bookEntryTable)
        .page({}, { countMax: PAGE_ROWS, after: { position: place } }),
    );
    if (rows.length > 0) await comparison.add(rows);
    after = next?.position;
    if (after !== undefined) yield comparison.count;
  }
  const waiting = await store.transact(async (transaction) => {
    const last = await lastBooked(transaction);
    return transaction.rows(inNumbers(entries)).count({ number: { gt: last?.number ?? 0 } });
  });
  return {
    ...{ entries: comparison.count, waiting, faults: comparison.faults },
    anchors: (await anchors?.compare()) ?? null,
  };
}

import type { Clock } from '@caretab/kernel';
import { type Store, type Table, type Transaction, UniqueViolation } from '@caretab/store';
import { type BookEntryRow, bookEntryTable, bookWriterTable, inNumbers } from './book.table';
import { booked } from './booked';

export interface BookParts {
  readonly store: Store;
  /** Its rows are inserted and never changed; `createBook` numbers them. */
  readonly entries: Table;
  readonly clock: Clock;
}

/** Up to a number no further entry comes; and when that was so. */
interface Settled {
  readonly upTo: number;
  readonly at: Date;
}

const PAGE_ROWS = 5_000;

export const lastBooked = async (transaction: Transaction): Promise<BookEntryRow | undefined> =>
  (await transaction.rows(bookEntryTable).page({}, { descending: true, countMax: 1 })).rows[0];

/**
 * Gives committed entries their places, in the order of their numbers. Numbers are drawn before a
 * commit, and a lower one may come later: entries are booked once every transaction has ended that
 * was writing when they were seen. Two processes that book at once book the same.
 */
export class Booking {
  private readonly numbered;
  private settled: Settled;
  private waiting: (Settled & { readonly writers: readonly string[] }) | undefined;
  /** Everything that was committed by then is booked. */
  bookedAt: Date;

  constructor(private readonly parts: BookParts) {
    this.numbered = inNumbers(parts.entries);
    this.bookedAt = parts.clock.now();
    this.settled = { upTo: 0, at: this.bookedAt };
  }

  /** Books a page of entries. Returns how many, where more may wait. */
  async runOnce(): Promise<number> {
    await this.look();
    const { upTo, at } = this.settled;
    const count = await this.bookPage(upTo).catch((error: unknown) => {
      // Another process booked them.
      if (error instanceof UniqueViolation) return undefined;
      throw error;
    });
    if (count === PAGE_ROWS) return count;
    if (count !== undefined) this.bookedAt = at;
    return 0;
  }

  private bookPage(upTo: number): Promise<number> {
    const { store, entries } = this.parts;
    return store.transact(async (transaction) => {
      const last = await lastBooked(transaction);
      const { rows } = await transaction.rows(this.numbered).page(
        { number: { lte: upTo } },
        {
          countMax: PAGE_ROWS,
          after: { number: last?.number ?? 0 },
        },
      );
      const position = last?.position ?? 0;
      await transaction.rows(bookEntryTable).insert(
        ...rows.map((entry, index) => ({
          position: position + index + 1,
          ...booked(entries, entry),
        })),
      );
      return rows.length;
    });
  }

  private async look(): Promise<void> {
    const at = this.parts.clock.now();
    const seen = await this.parts.store.transact(async (transaction) => {
      const { rows } = await transaction
        .rows(this.numbered)
        .pageFields(['number'], {}, { descending: true, countMax: 1 });
      // After the number: who drew a lower one and has not ended is among them.
      const writers = await transaction.rows(bookWriterTable).find({});
      return { upTo: rows[0]?.number ?? 0, writers: writers.map(({ writer }) => writer), at };
    });
    const isOver = !this.waiting?.writers.some((writer) => seen.writers.includes(writer));
    if (seen.writers.length === 0) this.settled = seen;
    else if (this.waiting && isOver) this.settled = this.waiting;
    if (isOver) this.waiting = seen;
  }
}

import { assert } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { Vault } from '../person/vault';
import { cardListEndTable, cardListTable, type CardListRow } from './card.table';

const PAGE_ROWS = 1_000;

export interface CardListPage {
  /** By which a follower hashes the numbers that it reads: HMAC-SHA-256, in hex. */
  readonly hashKey: string;
  readonly entries: readonly (Pick<CardListRow, 'numberHash' | 'list' | 'why' | 'at'> & {
    readonly sequence: number;
  })[];
  /** What to ask behind next. */
  readonly through: number;
}

/** The black and the white list as a sequence that a front node follows. */
export class CardList {
  constructor(private readonly parts: { readonly store: Store; readonly vault: Vault }) {}

  /**
   * What changed behind a number, in order. Numbers are given by readers, one at a time, to what is
   * committed: no entry appears below a number that was read.
   */
  after(sequence: number): Promise<CardListPage> {
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(cardListTable);
      const ends = transaction.rows(cardListEndTable);
      await ends.insertIfAbsent({ name: 'cards', sequence: 0 });
      const end = await ends.get({ name: 'cards' }, { lock: 'wait' });
      assert(end, 'the list has an end');
      const fresh = await rows.find(
        { sequence: null },
        { orderBy: 'at', countMax: PAGE_ROWS, lock: 'skip' },
      );
      if (fresh.length > 0) {
        await rows.save(
          ...fresh.map((row, index) => ({ ...row, sequence: end.sequence + index + 1 })),
        );
        await ends.save({ ...end, sequence: end.sequence + fresh.length });
      }
      const entries = await rows.find(
        { sequence: { gt: sequence } },
        { orderBy: 'sequence', countMax: PAGE_ROWS },
      );
      return {
        hashKey: this.parts.vault.listKey.toString('hex'),
        entries: entries.map((entry) => ({ ...entry, sequence: entry.sequence! })),
        through: entries.at(-1)?.sequence ?? sequence,
      };
    });
  }
}

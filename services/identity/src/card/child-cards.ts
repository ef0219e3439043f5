import { ageOn, type Clock, DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { Persons } from '../person/persons';
import { CHILD_YEARS } from './card';
import { type CardRows, dayOf } from './card-rows';
import { cardTable } from './card.table';

const PAGE_ROWS = 100;
const ENDING = ['active', 'lost', 'frozen'] as const;

/** Child cards (0 to 6) end by themselves on their holders' seventh birthday. */
export class ChildCards {
  /** Where the next look begins: a page that had none to end is not read again before the others. */
  private after: { readonly cardId: string } | undefined;

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly persons: Persons;
      readonly rows: CardRows;
    },
  ) {}

  /** Looks at one page of those who turn seven this year, or did. How many cards ended. */
  async runOnce(): Promise<number> {
    const { store, clock } = this.parts;
    const today = dayOf(clock);
    const { rows, next } = await store.transact((transaction) =>
      transaction
        .rows(cardTable)
        .page(
          { reviewOn: { lte: today }, status: { in: ENDING } },
          { countMax: PAGE_ROWS, after: this.after },
        ),
    );
    let ended = 0;
    for (const { cardId, personId } of rows)
      if (await this.end(cardId, personId, today)) ended += 1;
    this.after = next && { cardId: rows.at(-1)!.cardId };
    return ended;
  }

  private end(cardId: string, personId: string, today: string): Promise<boolean> {
    const { store, persons, rows } = this.parts;
    return store.transact(async (transaction) => {
      const data = await persons.read(transaction, personId, 'wait').catch((error: unknown) => {
        if (error instanceof DomainError) return undefined; // Erased meanwhile, and its cards with it.
        throw error;
      });
      if (!data || ageOn(data.birthDate, today) < CHILD_YEARS) return false;
      const card = await transaction.rows(cardTable).get({ cardId }, { lock: 'wait' });
      if (!card || !ENDING.some((status) => status === card.status)) return false;
      await rows.move(transaction, card, 'expire', { by: 'identity', why: 'the holder is seven' });
      return true;
    });
  }
}

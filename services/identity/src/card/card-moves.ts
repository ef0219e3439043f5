import type { CardChange } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { deadAmong, personDied } from '../death/standing';
import { erasureTable, UNDER_WAY } from '../erasure/erasure.table';
import { holdPersons } from '../person/opened';
import { NEEDS_TWO, statusAfter } from './card';
import type { CardRows, Move, Moved } from './card-rows';
import { cardTable, type CardRow } from './card.table';

/** What becomes of a card alone; another card takes its place elsewhere. */
export type OwnChange = Exclude<CardChange, 'replace' | 'expire'>;

export interface Wanted {
  readonly personId: string;
  readonly cardId: string;
  readonly change: OwnChange;
  readonly moved: Omit<Moved, 'replacedBy'>;
}

const DONE: Readonly<Partial<Record<CardChange, CardRow['status']>>> = {
  'report-lost': 'lost',
  freeze: 'frozen',
  close: 'closed',
};
/** What makes a number valid: for the dead it does not. */
const MAKES_VALID: ReadonlySet<CardChange> = new Set(['activate', 'find', 'unfreeze']);
/** Of a person at once: more than a person may have. */
const CARDS_MAX = 100;

/** Changes of cards, one or many at once by the same rules. */
export class CardMoves {
  constructor(private readonly parts: { readonly rows: CardRows }) {}

  /**
   * Changes cards that are each another; the others count where one cannot be changed. In place of such a
   * card stands why: PERSON_UNKNOWN, CARD_UNKNOWN (not-found), CARD_NOT_CHANGEABLE, APPROVAL_NEEDED,
   * ERASURE_UNDER_WAY, PERSON_DIED (conflict).
   */
  async changeAll(
    transaction: Transaction,
    wanted: readonly Wanted[],
  ): Promise<(CardRow | DomainError)[]> {
    if (wanted.length === 0) return [];
    const personIds = wanted.map(({ personId }) => personId);
    const persons = await holdPersons(transaction, personIds);
    const personId = { in: [...persons.keys()] };
    const leaving = await transaction
      .rows(erasureTable)
      .find({ personId, status: { in: UNDER_WAY } });
    const erased = new Set(leaving.map((row) => row.personId));
    const dead = await deadAmong(
      transaction,
      wanted.flatMap((one) => (MAKES_VALID.has(one.change) ? [one.personId] : [])),
    );
    const held = await transaction
      .rows(cardTable)
      .lockAll(wanted.map(({ cardId }) => ({ cardId })));
    const cards = new Map(held.map((card) => [card.cardId, card]));
    const moves: Move[] = [];
    const outcomes = wanted.map((one): CardRow | DomainError | undefined => {
      const { change, moved } = one;
      if (!persons.has(one.personId))
        return new DomainError('PERSON_UNKNOWN', 'not-found', { personId: one.personId });
      if (erased.has(one.personId)) return beingErased(one.personId);
      const card = cards.get(one.cardId);
      if (card?.personId !== one.personId)
        return new DomainError('CARD_UNKNOWN', 'not-found', { cardId: one.cardId });
      if (DONE[change] === card.status) return card;
      const fault = faultOf(card, change, moved);
      if (fault) return fault;
      if (dead.has(one.personId)) return personDied(one.personId);
      moves.push({ card, change, moved });
      return undefined;
    });
    const done = (await this.parts.rows.moveAll(transaction, moves)).values();
    return outcomes.map((outcome) => outcome ?? done.next().value!);
  }

  /** The holder has died: what is active is frozen. The person's row is held. */
  async freezeOfDead(transaction: Transaction, personId: string, by: Died): Promise<void> {
    const active = { personId, status: 'active' } as const;
    await this.each(transaction, active, 'freeze', {
      ...{ ...by, why: 'the holder has died', byDeath: true },
    });
  }

  /** The holder lives: what was frozen for that is as before. The person's row is held. */
  async thaw(transaction: Transaction, personId: string, by: Died): Promise<void> {
    const frozen = { personId, frozenByDeath: true } as const;
    await this.each(transaction, frozen, 'unfreeze', { ...by, why: 'the holder has not died' });
  }

  private async each(
    transaction: Transaction,
    where: Partial<CardRow>,
    change: CardChange,
    moved: Moved,
  ): Promise<void> {
    const cards = await transaction
      .rows(cardTable)
      .find(where, { countMax: CARDS_MAX, lock: 'wait' });
    await this.parts.rows.moveAll(
      transaction,
      cards.map((card) => ({ card, change, moved })),
    );
  }
}

/** The two persons who said so. */
export interface Died {
  readonly by: string;
  readonly approvedBy: string;
}

const beingErased = (personId: string): DomainError =>
  new DomainError('ERASURE_UNDER_WAY', 'conflict', {
    personId,
    why: 'the person is being erased',
    remedy: 'wait until the erasure is done or refused',
  });

const faultOf = (
  card: CardRow,
  change: CardChange,
  { approvedBy }: Pick<Moved, 'approvedBy'>,
): DomainError | undefined => {
  try {
    statusAfter(card.status, change);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  if (!NEEDS_TWO.has(change) || approvedBy !== undefined) return undefined;
  return new DomainError('APPROVAL_NEEDED', 'conflict', { cardId: card.cardId });
};

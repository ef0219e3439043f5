import { ageOn, assert, type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { assertNotMerged } from '../merge/standing';
import { personKeyTable } from '../person/person.table';
import type { PersonalData } from '../person/personal-data';
import type { Persons } from '../person/persons';
import { CHILD_YEARS, reviewDayOf } from './card';
import { type CardIssues, CARDS_MAX, type Issue } from './card-issues';
import type { CardMoves, OwnChange } from './card-moves';
import { type CardRows, dayOf, type Moved } from './card-rows';
import { cardTable, type CardRow } from './card.table';

/** A card as its holder and desks see it. */
export type ShownCard = Omit<
  CardRow,
  | 'personId'
  | 'blindIndex'
  | 'numberHash'
  | 'sealed'
  | 'reviewOn'
  | 'institutionId'
  | 'region'
  | 'office'
  | 'batchId'
  | 'replacedBy'
  | 'frozenByDeath'
> & {
  readonly number?: string;
  readonly institutionId?: string;
  readonly region?: string;
  readonly office?: string;
  readonly batchId?: string;
  readonly replacedBy?: string;
  /** Why it is frozen, where that ends by itself. */
  readonly frozenFor?: 'PERSON_DIED';
};

export type { Issue } from './card-issues';

export interface Replacement {
  readonly number: string;
  readonly by: string;
  readonly why: string;
  readonly office?: string | undefined;
}

/** Cards and codes of a person: added, listed, changed, ended. */
export class Cards {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly persons: Persons;
      readonly rows: CardRows;
      readonly issues: CardIssues;
      readonly moves: CardMoves;
    },
  ) {}

  /** The latest first. */
  list(personId: string): Promise<readonly ShownCard[]> {
    return this.parts.store.transact(async (transaction) => {
      const cards = await transaction
        .rows(cardTable)
        .find({ personId }, { orderBy: 'issuedAt', descending: true, countMax: CARDS_MAX });
      const shown: ShownCard[] = [];
      for (const card of cards) shown.push(await this.shown(transaction, card));
      return shown;
    });
  }

  /**
   * Issues a card to a person; the same number again is the same card. Throws PERSON_UNKNOWN,
   * PERSONAL_DATA_DESTROYED (not-found), CREDENTIAL_INVALID, CHILD_CARD_AGE (invalid),
   * CREDENTIAL_CONFLICT, CARD_CONFLICT (conflict: another one of this medium that did not end),
   * ERASURE_UNDER_WAY, PERSON_MERGED (conflict).
   */
  issue(personId: string, issue: Issue): Promise<{ card: ShownCard; created: boolean }> {
    return this.parts.store.transact(async (transaction) => {
      await assertNotMerged(transaction, personId);
      const { card, created } = await this.parts.issues.issue(transaction, personId, issue);
      return { card: await this.shown(transaction, card), created };
    });
  }

  /**
   * Changes a card. What makes a number valid again needs an approval. The same change again, where it
   * is done, changes nothing. Throws CARD_UNKNOWN (not-found), CARD_NOT_CHANGEABLE, APPROVAL_NEEDED,
   * ERASURE_UNDER_WAY (conflict).
   */
  change(
    personId: string,
    cardId: string,
    change: OwnChange,
    moved: Omit<Moved, 'replacedBy'>,
  ): Promise<ShownCard> {
    const { store, moves } = this.parts;
    return store.transact(async (transaction) => {
      const wanted = { personId, cardId, change, moved };
      const [card] = await moves.changeAll(transaction, [wanted]);
      if (card instanceof DomainError) throw card;
      return this.shown(transaction, card!);
    });
  }

  /**
   * Another card in place of one: its number is refused from now on. The same again gives the same
   * card. Throws as `issue` and `change`.
   */
  replace(personId: string, cardId: string, replacement: Replacement): Promise<ShownCard> {
    return this.parts.store.transact(async (transaction) => {
      const added = await this.replaceWithin(transaction, personId, cardId, replacement);
      return this.shown(transaction, added);
    });
  }

  /** As `replace`, beside what else the transaction does. */
  async replaceWithin(
    transaction: Transaction,
    personId: string,
    cardId: string,
    { number, by, why, office }: Replacement,
  ): Promise<CardRow> {
    const card = await this.held(transaction, personId, cardId);
    const { medium, mode, institutionId, region } = card;
    const child = card.child && (await this.holder(transaction, personId));
    const added = await this.parts.rows.add(transaction, {
      ...{ personId, medium, number, by, office, status: 'active' },
      mode: mode === 'kiosk' || mode === 'platform' ? mode : 'bank-counter',
      child: child || undefined,
      ...{ institutionId: institutionId ?? undefined, region: region ?? undefined },
    });
    if (!added) {
      const known = await this.known(transaction, personId, { medium, number });
      if (card.replacedBy === known.cardId) return known;
      throw new DomainError('CARD_CONFLICT', 'conflict', {
        field: '/number',
        why: 'the person has a card of this number',
        remedy: 'send the number of the new card',
      });
    }
    const replacedBy = added.cardId;
    await this.parts.rows.move(transaction, card, 'replace', { by, why, replacedBy });
    return added;
  }

  private async held(transaction: Transaction, personId: string, cardId: string): Promise<CardRow> {
    const { persons } = this.parts;
    await persons.row(transaction, personId, 'wait');
    await persons.assertNotErased(transaction, personId);
    const card = await transaction.rows(cardTable).get({ cardId, personId }, { lock: 'wait' });
    if (!card) throw new DomainError('CARD_UNKNOWN', 'not-found', { cardId });
    return card;
  }

  /**
   * From when on the holder of a child card is looked at. Throws CHILD_CARD_AGE (invalid) from the seventh
   * birthday on.
   */
  async assertChild(transaction: Transaction, personId: string): Promise<string> {
    return reviewDayOf((await this.holder(transaction, personId)).birthDate);
  }

  private async holder(transaction: Transaction, personId: string): Promise<PersonalData> {
    const data = await this.parts.persons.read(transaction, personId, 'wait');
    if (ageOn(data.birthDate, dayOf(this.parts.clock)) >= CHILD_YEARS)
      throw new DomainError('CHILD_CARD_AGE', 'invalid', { field: '/child' });
    return data;
  }

  private async known(
    transaction: Transaction,
    personId: string,
    { medium, number }: Pick<Issue, 'medium' | 'number'>,
  ): Promise<CardRow> {
    const blindIndex = this.parts.persons.credentialIndex(medium, number);
    const card = await transaction.rows(cardTable).get({ blindIndex, personId });
    assert(card, 'an identifier that is no ID number has a card');
    return card;
  }

  private async shown(transaction: Transaction, card: CardRow): Promise<ShownCard> {
    const { personId } = card;
    const key = await transaction.rows(personKeyTable).get({ personId });
    const number = key && this.parts.rows.shownNumber(card, key.wrapped);
    const { cardId, medium, child, status, mode, issuedAt, changedAt } = card;
    const { institutionId, region, office, batchId, replacedBy, frozenByDeath } = card;
    return {
      ...{ cardId, medium, child, status, mode, issuedAt, changedAt },
      ...(number !== undefined && { number }),
      ...(institutionId !== null && { institutionId }),
      ...(region !== null && { region }),
      ...(office !== null && { office }),
      ...(batchId !== null && { batchId }),
      ...(replacedBy !== null && { replacedBy }),
      ...(frozenByDeath && { frozenFor: 'PERSON_DIED' as const }),
    };
  }
}

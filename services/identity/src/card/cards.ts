import type { CardChange, CardMedium } from '@caretab/contracts';
import { ageOn, assert, type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { personKeyTable } from '../person/person.table';
import type { Persons } from '../person/persons';
import { CHILD_YEARS, LASTING, NEEDS_TWO, statusAfter } from './card';
import { type CardRows, dayOf, type Moved } from './card-rows';
import { cardTable, type CardRow } from './card.table';

/** Cards of a person that are shown, and that a person may have. */
const CARDS_MAX = 50;

/** A card as its holder and desks see it. */
export type ShownCard = Omit<
  CardRow,
  | 'personId'
  | 'blindIndex'
  | 'numberHash'
  | 'sealed'
  | 'reviewOn'
  | 'institutionId'
  | 'batchId'
  | 'replacedBy'
> & {
  readonly number?: string;
  readonly institutionId?: string;
  readonly batchId?: string;
  readonly replacedBy?: string;
};

export interface Issue {
  readonly medium: CardMedium;
  readonly number: string;
  readonly child?: boolean | undefined;
  readonly mode: 'bank-counter' | 'kiosk' | 'batch';
  readonly by: string;
  readonly institutionId?: string | undefined;
  readonly batchId?: string | undefined;
}

/** Cards and codes of a person: added, listed, changed, ended. */
export class Cards {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly persons: Persons;
      readonly rows: CardRows;
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
   * ERASURE_UNDER_WAY (conflict).
   */
  issue(personId: string, issue: Issue): Promise<{ card: ShownCard; created: boolean }> {
    return this.parts.store.transact(async (transaction) => {
      const { card, created } = await this.issueWithin(transaction, personId, issue);
      return { card: await this.shown(transaction, card), created };
    });
  }

  /** As `issue`, beside what else the transaction does. */
  async issueWithin(
    transaction: Transaction,
    personId: string,
    issue: Issue,
  ): Promise<{ card: CardRow; created: boolean }> {
    const { persons, rows } = this.parts;
    const child = await this.holder(transaction, personId, issue.child === true);
    await persons.assertNotErased(transaction, personId);
    const before = await this.lasting(transaction, personId);
    const { medium, number, mode, by, institutionId, batchId } = issue;
    const status = mode === 'batch' ? 'issued' : 'active';
    const added = await rows.add(transaction, {
      ...{ personId, medium, number, mode, by, institutionId, batchId, status, child },
    });
    if (!added) return { card: await this.known(transaction, personId, issue), created: false };
    if (medium !== 'code' && before.some((one) => one.medium === medium))
      throw new DomainError('CARD_CONFLICT', 'conflict', {
        field: '/medium',
        why: 'the person has such a card',
        remedy: 'replace that one, or close it first',
      });
    if (before.length >= CARDS_MAX)
      throw new DomainError('CARD_CONFLICT', 'conflict', {
        field: '/number',
        why: 'the person has too many codes',
        remedy: 'close some of them first',
      });
    return { card: added, created: true };
  }

  /**
   * Changes a card. What makes a number valid again needs an approval. The same change again, where it
   * is done, changes nothing. Throws CARD_UNKNOWN (not-found), CARD_NOT_CHANGEABLE, APPROVAL_NEEDED,
   * ERASURE_UNDER_WAY (conflict).
   */
  change(
    personId: string,
    cardId: string,
    change: Exclude<CardChange, 'replace' | 'expire'>,
    moved: Omit<Moved, 'replacedBy'>,
  ): Promise<ShownCard> {
    return this.parts.store.transact(async (transaction) =>
      this.shown(
        transaction,
        await this.changeWithin(transaction, personId, cardId, change, moved),
      ),
    );
  }

  /** As `change`, beside what else the transaction does; where it throws, nothing was written. */
  async changeWithin(
    transaction: Transaction,
    personId: string,
    cardId: string,
    change: Exclude<CardChange, 'replace' | 'expire'>,
    moved: Omit<Moved, 'replacedBy'>,
  ): Promise<CardRow> {
    const card = await this.held(transaction, personId, cardId);
    if (isDone(card, change)) return card;
    statusAfter(card.status, change);
    if (NEEDS_TWO.has(change) && moved.approvedBy === undefined)
      throw new DomainError('APPROVAL_NEEDED', 'conflict', { cardId });
    return this.parts.rows.move(transaction, card, change, moved);
  }

  /**
   * Another card in place of one: its number is refused from now on. The same again gives the same
   * card. Throws as `issue` and `change`.
   */
  replace(
    personId: string,
    cardId: string,
    { number, by, why }: { readonly number: string; readonly by: string; readonly why: string },
  ): Promise<ShownCard> {
    return this.parts.store.transact(async (transaction) => {
      const card = await this.held(transaction, personId, cardId);
      const { medium, mode, institutionId } = card;
      const child = card.child && (await this.holder(transaction, personId, true));
      const added = await this.parts.rows.add(transaction, {
        ...{ personId, medium, number, by, status: 'active' },
        ...{ mode: mode === 'kiosk' ? 'kiosk' : 'bank-counter', child: child || undefined },
        institutionId: institutionId ?? undefined,
      });
      if (!added) {
        const known = await this.known(transaction, personId, { medium, number });
        if (card.replacedBy === known.cardId) return this.shown(transaction, known);
        throw new DomainError('CARD_CONFLICT', 'conflict', {
          field: '/number',
          why: 'the person has a card of this number',
          remedy: 'send the number of the new card',
        });
      }
      await this.parts.rows.move(transaction, card, 'replace', {
        ...{ by, why, replacedBy: added.cardId },
      });
      return this.shown(transaction, added);
    });
  }

  private async held(transaction: Transaction, personId: string, cardId: string): Promise<CardRow> {
    const { persons } = this.parts;
    await persons.row(transaction, personId, 'wait');
    await persons.assertNotErased(transaction, personId);
    const card = await transaction.rows(cardTable).get({ cardId, personId }, { lock: 'wait' });
    if (!card) throw new DomainError('CARD_UNKNOWN', 'not-found', { cardId });
    return card;
  }

  /** Of a child card its holder. Throws CHILD_CARD_AGE (invalid) from the seventh birthday on. */
  private async holder(transaction: Transaction, personId: string, child: boolean) {
    const data = await this.parts.persons.read(transaction, personId, 'wait');
    if (!child) return undefined;
    if (ageOn(data.birthDate, dayOf(this.parts.clock)) >= CHILD_YEARS)
      throw new DomainError('CHILD_CARD_AGE', 'invalid', { field: '/child' });
    return data;
  }

  private lasting(transaction: Transaction, personId: string): Promise<CardRow[]> {
    return transaction
      .rows(cardTable)
      .find({ personId, status: { in: LASTING } }, { countMax: CARDS_MAX + 1 });
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
    const { institutionId, batchId, replacedBy } = card;
    return {
      ...{ cardId, medium, child, status, mode, issuedAt, changedAt },
      ...(number !== undefined && { number }),
      ...(institutionId !== null && { institutionId }),
      ...(batchId !== null && { batchId }),
      ...(replacedBy !== null && { replacedBy }),
    };
  }
}

const DONE: Readonly<Partial<Record<CardChange, CardRow['status']>>> = {
  'report-lost': 'lost',
  freeze: 'frozen',
  close: 'closed',
};

const isDone = (card: CardRow, change: CardChange): boolean => DONE[change] === card.status;

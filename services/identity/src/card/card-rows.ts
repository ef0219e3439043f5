import type { CardChange, CardMedium, CardMode, CardStatus } from '@caretab/contracts';
import { businessDateOf } from '@caretab/contracts';
import { assert, type Clock, DomainError, holdsIdNumber, type Ids } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { codeTable, codeTriesTable } from '../code/code.table';
import { deadAmong, personDied } from '../death/standing';
import { decodedCodeTable } from '../issuer/decoded-code.table';
import { survivorsOf } from '../merge/standing';
import { identifierTable, personKeyTable } from '../person/person.table';
import { normaliseCredential, type PersonalData } from '../person/personal-data';
import type { Vault } from '../person/vault';
import { credentialTypeOf, reviewDayOf, statusAfter } from './card';
import { cardChangeTable, type CardListRow, cardListTable, cardTable } from './card.table';
import type { CardChangeRow, CardRow } from './card.table';

/** Of a card that is issued. */
export interface NewCard {
  readonly personId: string;
  readonly medium: CardMedium;
  readonly number: string;
  readonly mode: CardMode;
  readonly status: 'issued' | 'active';
  readonly by: string;
  /** Of a child card, whose holder is under seven. */
  readonly child?: Pick<PersonalData, 'birthDate'> | undefined;
  readonly institutionId?: string | undefined;
  readonly region?: string | undefined;
  readonly office?: string | undefined;
  readonly batchId?: string | undefined;
}

export interface Moved {
  readonly by: string;
  readonly why?: string | undefined;
  readonly approvedBy?: string | undefined;
  readonly replacedBy?: string | undefined;
  /** Its holder has died. */
  readonly byDeath?: boolean | undefined;
}

export interface Move {
  readonly card: CardRow;
  readonly change: CardChange;
  readonly moved: Moved;
}

/** A card that was added; that its person has it; or why it cannot be. */
export type Added = CardRow | 'known' | DomainError;
type Noted = Pick<CardChangeRow, 'change' | 'by'> & Moved;

const contextOf = (cardId: string): string => `card ${cardId}`;

/** Rows of cards: each with its identifier, its place on the lists, and what was done with it. */
export class CardRows {
  constructor(
    private readonly parts: {
      readonly clock: Clock;
      readonly ids: Ids;
      readonly vault: Vault;
    },
  ) {}

  /** As `addAll`, of one: undefined where its person has it. */
  async add(transaction: Transaction, card: NewCard): Promise<CardRow | undefined> {
    const [added] = await this.addAll(transaction, [card]);
    if (added instanceof DomainError) throw added;
    return added === 'known' ? undefined : added;
  }

  /**
   * Adds cards whose persons' rows are held, no two of one number. CREDENTIAL_INVALID (invalid: an ID
   * number is no card's number), CREDENTIAL_CONFLICT (conflict: another person's), PERSON_DIED (conflict),
   * or what `refuse` finds of one that its person does not have: such a card is not added.
   */
  async addAll(
    transaction: Transaction,
    cards: readonly NewCard[],
    refuse: (card: NewCard) => DomainError | undefined = () => undefined,
  ): Promise<Added[]> {
    const numbered = cards.map((card) => this.numbered(card));
    const indexes = numbered.map(({ blindIndex }) => blindIndex);
    const identifiers = transaction.rows(identifierTable);
    const known = await identifiers.find({ blindIndex: { in: indexes } });
    const owners = new Map(known.map(({ blindIndex, personId }) => [blindIndex, personId]));
    const dead = await deadAmong(
      transaction,
      numbered.flatMap(({ card, blindIndex }) => (owners.has(blindIndex) ? [] : [card.personId])),
    );
    const outcomes = numbered.map(({ card, blindIndex, fault }): Added | undefined => {
      const owner = owners.get(blindIndex);
      if (owner !== undefined) return owner === card.personId ? 'known' : taken(card);
      return fault ?? (dead.has(card.personId) ? personDied(card.personId) : refuse(card));
    });
    const wanted = numbered.filter((_, at) => outcomes[at] === undefined);
    if (wanted.length === 0) return outcomes as Added[];
    const survivors = await survivorsOf(
      transaction,
      wanted.map(({ card }) => card.personId),
    );
    const fresh = await identifiers.insertAllAbsent(
      wanted.map(({ blindIndex, type, card: { personId } }) => ({
        ...{ blindIndex, type, personId, survivorId: survivors.get(personId) ?? null },
      })),
    );
    // Of the same person no other transaction adds one: the person's row is held.
    const own = new Set(fresh.map(({ blindIndex }) => blindIndex));
    const added = await this.insert(
      transaction,
      wanted.filter(({ blindIndex }) => own.has(blindIndex)),
    );
    return numbered.map(
      ({ card, blindIndex }, at) => outcomes[at] ?? added.get(blindIndex) ?? taken(card),
    );
  }

  /** Changes a card whose row is held. Throws CARD_NOT_CHANGEABLE (conflict). */
  async move(
    transaction: Transaction,
    card: CardRow,
    change: CardChange,
    moved: Moved,
  ): Promise<CardRow> {
    const [row] = await this.moveAll(transaction, [{ card, change, moved }]);
    return row!;
  }

  /** As `move`, of cards that are each another. */
  async moveAll(transaction: Transaction, moves: readonly Move[]): Promise<CardRow[]> {
    const changedAt = this.parts.clock.now();
    const rows = moves.map(({ card, change, moved }) => ({
      ...{ ...card, status: statusAfter(card.status, change), changedAt },
      ...{ replacedBy: moved.replacedBy ?? null, frozenByDeath: moved.byDeath === true },
    }));
    if (rows.length === 0) return rows;
    await transaction.rows(cardTable).save(...rows);
    await this.note(
      transaction,
      rows.map((row, at) => [row, { change: moves[at]!.change, ...moves[at]!.moved }] as const),
    );
    return rows;
  }

  /** Keeps what is said of cards whose rows are held, and that it was said. */
  async modifyAll(transaction: Transaction, cards: readonly CardRow[], by: string): Promise<void> {
    if (cards.length === 0) return;
    await transaction.rows(cardTable).save(...cards);
    await this.note(
      transaction,
      cards.map((card) => [card, { change: 'modify', by }] as const),
      false,
    );
  }

  /** The number as it may be shown; undefined of one that was kept before there were cards. */
  shownNumber({ personId, cardId, sealed }: CardRow, wrapped: Buffer): string | undefined {
    if (!sealed) return undefined;
    const number = this.parts.vault.openText(personId, wrapped, sealed, contextOf(cardId));
    return `…${number.slice(-Math.min(4, Math.floor(number.length / 2)))}`;
  }

  /** Of a card whose number is kept. */
  numberOf({ personId, cardId, sealed }: CardRow, wrapped: Buffer): string {
    assert(sealed, 'the number of a card in the application is kept');
    return this.parts.vault.openText(personId, wrapped, sealed, contextOf(cardId));
  }

  /** The same number by the suite that seals now; undefined where it is. */
  renewed({ personId, cardId, sealed }: CardRow, wrapped: Buffer): Buffer | undefined {
    return sealed
      ? this.parts.vault.renewedText(personId, wrapped, sealed, contextOf(cardId))
      : undefined;
  }

  /** Destroys the cards of a person. On the lists their numbers stay refused: by a hash, of no one. */
  async destroy(transaction: Transaction, personId: string): Promise<number> {
    const cards = await transaction.rows(cardTable).find({ personId });
    await this.list(
      transaction,
      cards.map((card) => ({ ...card, status: 'closed', changedAt: this.parts.clock.now() })),
    );
    const cardId = { in: cards.map((card) => card.cardId) };
    if (cards.length > 0) {
      await transaction.rows(cardChangeTable).update({ cardId }, { why: null });
      await transaction.rows(cardTable).delete({ personId });
      await transaction.rows(codeTriesTable).delete({ cardId });
    }
    await transaction.rows(codeTable).delete({ personId });
    await this.forgetDecoded(transaction, personId);
    return cards.length;
  }

  /** Codes of other issuers stay used: by a hash, of no one. */
  private async forgetDecoded(transaction: Transaction, personId: string): Promise<void> {
    const rows = transaction.rows(decodedCodeTable);
    if ((await rows.count({ personId })) > 0) await rows.update({ personId }, { personId: null });
  }

  /** Under which its number is found. */
  indexOf({ medium, number }: Pick<NewCard, 'medium' | 'number'>): string {
    const type = credentialTypeOf(medium);
    return this.parts.vault.indexOf(type, normaliseCredential(type, number));
  }

  private numbered(card: NewCard) {
    const { vault } = this.parts;
    const type = credentialTypeOf(card.medium);
    const number = normaliseCredential(type, card.number);
    const isNoNumber = card.mode !== 'registration' && holdsIdNumber(number);
    const fault = isNoNumber ? noNumber() : undefined;
    return { card, type, number, blindIndex: vault.indexOf(type, number), fault };
  }

  private async insert(
    transaction: Transaction,
    wanted: readonly ReturnType<CardRows['numbered']>[],
  ): Promise<ReadonlyMap<string, CardRow>> {
    if (wanted.length === 0) return new Map();
    const { vault, clock, ids } = this.parts;
    const personId = { in: wanted.map(({ card }) => card.personId) };
    const keys = await transaction.rows(personKeyTable).find({ personId });
    const wrappedOf = new Map(keys.map((key) => [key.personId, key.wrapped]));
    const at = clock.now();
    const rows = wanted.map(({ card, type, number, blindIndex }): CardRow => {
      const wrapped = wrappedOf.get(card.personId);
      assert(wrapped, 'a person who gets a card has a key');
      const cardId = `card-${ids.next()}`;
      const { medium, mode, status, child } = card;
      return {
        ...{ cardId, personId: card.personId, medium, blindIndex, status, mode },
        child: child !== undefined,
        numberHash: vault.listHashOf(type, number),
        sealed: vault.sealText(card.personId, wrapped, number, contextOf(cardId)),
        ...{ institutionId: card.institutionId ?? null, batchId: card.batchId ?? null },
        ...{ region: card.region ?? null, office: card.office ?? null },
        ...{ replacedBy: null, issuedAt: at, changedAt: at, frozenByDeath: false },
        reviewOn: child ? reviewDayOf(child.birthDate) : null,
      };
    });
    await transaction.rows(cardTable).insert(...rows);
    await this.note(
      transaction,
      rows.map((row, index) => [row, { change: 'issue', by: wanted[index]!.card.by }] as const),
    );
    return new Map(rows.map((row) => [row.blindIndex, row]));
  }

  private async note(
    transaction: Transaction,
    noted: readonly (readonly [CardRow, Noted])[],
    isListed = true,
  ): Promise<void> {
    const now = this.parts.clock.now();
    const day = dayOf(this.parts.clock);
    await transaction.rows(cardChangeTable).insert(
      ...noted.map(([card, { change, by, why, approvedBy }]) => ({
        ...{ changeId: this.parts.ids.next(), cardId: card.cardId, change, status: card.status },
        ...{ by, at: now, why: why ?? null, approvedBy: approvedBy ?? null },
        ...{ day, region: card.region, institutionId: card.institutionId },
      })),
    );
    if (isListed)
      await this.list(
        transaction,
        noted.map(([card]) => card),
      );
  }

  /** A card that was not handed out yet stands on no list. */
  private async list(
    transaction: Transaction,
    cards: readonly Pick<CardRow, 'numberHash' | 'status' | 'changedAt'>[],
  ): Promise<void> {
    const rows = cards.flatMap(({ numberHash, status: why, changedAt: at }): CardListRow[] => {
      if (numberHash === null || why === 'issued') return [];
      return [{ numberHash, list: listOf(why), why, at, sequence: null }];
    });
    if (rows.length > 0) await transaction.rows(cardListTable).save(...rows);
  }
}

const listOf = (status: CardStatus): CardListRow['list'] =>
  status === 'active' ? 'white' : 'black';

const taken = ({ medium }: NewCard): DomainError =>
  new DomainError('CREDENTIAL_CONFLICT', 'conflict', { type: credentialTypeOf(medium) });

const noNumber = (): DomainError =>
  new DomainError('CREDENTIAL_INVALID', 'invalid', {
    field: '/number',
    why: 'the number of a card tells it from the holder’s other cards: no ID number does',
    remedy: 'send the serial number that a reader reads',
  });

/** Today's business day (Asia/Shanghai). */
export const dayOf = (clock: Clock): string => businessDateOf(clock.now().toISOString());

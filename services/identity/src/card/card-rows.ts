import type { CardChange, CardMedium, CardMode, CardStatus } from '@caretab/contracts';
import { businessDateOf } from '@caretab/contracts';
import { assert, type Clock, DomainError, holdsIdNumber, type Ids } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { codeTable, codeTriesTable } from '../code/code.table';
import { decodedCodeTable } from '../issuer/decoded-code.table';
import { identifierTable, personKeyTable } from '../person/person.table';
import { normaliseCredential, type PersonalData } from '../person/personal-data';
import type { Vault } from '../person/vault';
import { credentialTypeOf, reviewDayOf, statusAfter } from './card';
import { cardChangeTable, cardListTable, cardTable, type CardRow } from './card.table';

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
  readonly batchId?: string | undefined;
}

export interface Moved {
  readonly by: string;
  readonly why?: string | undefined;
  readonly approvedBy?: string | undefined;
  readonly replacedBy?: string | undefined;
}

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

  /**
   * Adds a card whose person's row is held; undefined where this person has one of this number. Throws
   * CREDENTIAL_INVALID (invalid: an ID number is no card's number), CREDENTIAL_CONFLICT (conflict:
   * another person's).
   */
  async add(transaction: Transaction, card: NewCard): Promise<CardRow | undefined> {
    const { vault, clock, ids } = this.parts;
    const { personId, medium, mode, status, by, child } = card;
    const type = credentialTypeOf(medium);
    const number = normaliseCredential(type, card.number);
    if (mode !== 'registration' && holdsIdNumber(number))
      throw new DomainError('CREDENTIAL_INVALID', 'invalid', {
        field: '/number',
        why: 'the number of a card tells it from the holder’s other cards: no ID number does',
        remedy: 'send the serial number that a reader reads',
      });
    const blindIndex = vault.indexOf(type, number);
    const identifiers = transaction.rows(identifierTable);
    if (!(await identifiers.insertIfAbsent({ blindIndex, type, personId }))) {
      const known = await identifiers.get({ blindIndex });
      if (known?.personId !== personId)
        throw new DomainError('CREDENTIAL_CONFLICT', 'conflict', { type });
      return undefined;
    }
    const key = await transaction.rows(personKeyTable).get({ personId });
    assert(key, 'a person who gets a card has a key');
    const at = clock.now();
    const cardId = `card-${ids.next()}`;
    const row: CardRow = {
      ...{ cardId, personId, medium, blindIndex, status, mode },
      child: child !== undefined,
      numberHash: vault.listHashOf(type, number),
      sealed: vault.sealText(personId, key.wrapped, number, contextOf(cardId)),
      institutionId: card.institutionId ?? null,
      batchId: card.batchId ?? null,
      replacedBy: null,
      ...{ issuedAt: at, changedAt: at },
      reviewOn: child ? reviewDayOf(child.birthDate) : null,
    };
    await transaction.rows(cardTable).insert(row);
    await this.note(transaction, row, { change: 'issue', by });
    return row;
  }

  /** Changes a card whose row is held. Throws CARD_NOT_CHANGEABLE (conflict). */
  async move(
    transaction: Transaction,
    card: CardRow,
    change: CardChange,
    moved: Moved,
  ): Promise<CardRow> {
    const status = statusAfter(card.status, change);
    const { replacedBy = null } = moved;
    const row = { ...card, status, replacedBy, changedAt: this.parts.clock.now() };
    await transaction.rows(cardTable).save(row);
    await this.note(transaction, row, { change, ...moved });
    return row;
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
    const at = this.parts.clock.now();
    for (const { cardId, numberHash } of cards) {
      await this.listed(transaction, numberHash, { why: 'closed', at });
      await transaction.rows(cardChangeTable).update({ cardId }, { why: null });
    }
    if (cards.length > 0) await transaction.rows(cardTable).delete({ personId });
    await transaction.rows(codeTable).delete({ personId });
    await this.forgetDecoded(transaction, personId);
    const cardId = { in: cards.map((card) => card.cardId) };
    if (cards.length > 0) await transaction.rows(codeTriesTable).delete({ cardId });
    return cards.length;
  }

  /** Codes of other issuers stay used: by a hash, of no one. */
  private async forgetDecoded(transaction: Transaction, personId: string): Promise<void> {
    const rows = transaction.rows(decodedCodeTable);
    if ((await rows.count({ personId })) > 0) await rows.update({ personId }, { personId: null });
  }

  private async note(
    transaction: Transaction,
    { cardId, status, numberHash, changedAt: at }: CardRow,
    { change, by, why, approvedBy }: Moved & { readonly change: CardChange | 'issue' },
  ): Promise<void> {
    await transaction.rows(cardChangeTable).insert({
      ...{ changeId: this.parts.ids.next(), cardId, change, status, by, at },
      ...{ why: why ?? null, approvedBy: approvedBy ?? null },
    });
    await this.listed(transaction, numberHash, { why: status, at });
  }

  /** A card that was not handed out yet stands on no list. */
  private async listed(
    transaction: Transaction,
    numberHash: string | null,
    { why, at }: { readonly why: CardStatus; readonly at: Date },
  ): Promise<void> {
    if (numberHash === null || why === 'issued') return;
    const list = why === 'active' ? 'white' : 'black';
    await transaction.rows(cardListTable).save({ numberHash, list, why, at, sequence: null });
  }
}

/** Today's business day (Asia/Shanghai). */
export const dayOf = (clock: Clock): string => businessDateOf(clock.now().toISOString());

import type { CardFileRowOf } from '@caretab/contracts';
import { canonicalJson, type Clock, DomainError, HourlyBudget } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { survivorOf } from '../merge/standing';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import type { CardEffects } from './card-effects';
import type { CardRows } from './card-rows';
import type { CardAsker } from './card-scope';
import { credentialTypeOf } from './card';
import { cardTable, type CardRow } from './card.table';
import type { Cards } from './cards';
import type { OwnChange } from './card-moves';
import { countCheck } from './metrics';
import type { Told, ToldResidents } from './told-residents';

/** Of one asker; a tenth of them at once. */
const MISSES_PER_HOUR = 600;

/** What a card platform sends, under its own name of the request. */
export interface Request {
  readonly requestId: string;
}
export interface ShownCard {
  readonly number: string;
  readonly medium?: CardRow['medium'] | undefined;
  readonly idNumber?: string | undefined;
}
export interface CheckedCard {
  readonly personId?: string;
  readonly valid: boolean;
  readonly status?: CardRow['status'];
  readonly holder?: 'match' | 'no-match';
}

/** What card platforms of regions and card systems of institutions ask and say, one card at a time. */
export class CardPlatforms {
  private readonly misses: HourlyBudget;

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly vault: Pick<Vault, 'indexOf'>;
      readonly persons: Persons;
      readonly cards: Pick<Cards, 'replaceWithin' | 'assertChild'>;
      readonly rows: Pick<CardRows, 'modifyAll'>;
      readonly effects: CardEffects;
      readonly residents: ToldResidents;
    },
  ) {
    this.misses = new HourlyBudget(parts.clock, MISSES_PER_HOUR);
  }

  /**
   * Who has this ID number and this name; undefined: no one, or one of another name. Throws NAME_INVALID,
   * ID_NUMBER_INVALID (invalid), LOOKUPS_TOO_MANY (overloaded: too many did not match).
   */
  async holderOf(
    said: { readonly idNumber: string; readonly name: string },
    { by }: CardAsker,
  ): Promise<string | undefined> {
    this.assertMayGuess(by);
    const personId = await this.parts.persons.recognise(said).catch(unlessUnknown);
    this.count(by, personId !== undefined);
    return personId;
  }

  /**
   * How a card stands that someone shows, of whatever issuer, and whether this ID number is its holder's.
   * Throws LOOKUPS_TOO_MANY (overloaded): too many did not match.
   */
  async check(
    { number, medium = 'physical', idNumber }: ShownCard,
    { by }: CardAsker,
  ): Promise<CheckedCard> {
    const { store, persons } = this.parts;
    this.assertMayGuess(by);
    const blindIndex = persons.credentialIndex(medium, number);
    const { card, whose } = await store.transact(async (transaction) => {
      const card = await transaction.rows(cardTable).get({ blindIndex });
      return { card, whose: card && (await survivorOf(transaction, card.personId)) };
    });
    const lookup = (type: string, value: string) =>
      persons.resolve(type, value).catch(unlessUnknown);
    const holder = card && (await lookup(credentialTypeOf(medium), number));
    const asked = idNumber === undefined ? undefined : await lookup('id-number', idNumber);
    const isHolder = whose !== undefined && asked === whose;
    this.count(by, card !== undefined && (idNumber === undefined || isHolder));
    return {
      ...(card && { personId: card.personId, status: card.status }),
      valid: holder !== undefined,
      ...(idNumber !== undefined && { holder: isHolder ? 'match' : 'no-match' }),
    };
  }

  /** Throws what issuing a card throws, and PERSON_CONFLICT (conflict): another name is registered. */
  issue(said: Request & CardFileRowOf<'cards'>, asker: CardAsker): Promise<CardRow> {
    return this.once(said, said.number, asker, async (transaction, { requestId: _, ...row }) => {
      const [issued] = await this.parts.effects.issueAll(transaction, [row], asker);
      if (issued instanceof DomainError) throw issued;
      return issued!.card;
    });
  }

  /** Throws CARD_UNKNOWN (not-found: also another issuer's) and what changing a card throws. */
  change(
    said: Request & { readonly number: string; readonly change: OwnChange; readonly why: string },
    asker: CardAsker,
  ): Promise<CardRow> {
    return this.once(said, said.number, asker, async (transaction) => {
      const [card] = await this.parts.effects.changeAll(transaction, [said], asker);
      if (card instanceof DomainError) throw card;
      return card!;
    });
  }

  /** Throws as `change`, and what issuing a card throws. */
  replace(
    said: Request & {
      readonly number: string;
      readonly newNumber: string;
      readonly office?: string | undefined;
      readonly why: string;
    },
    asker: CardAsker,
  ): Promise<CardRow> {
    const { number, newNumber, office, why } = said;
    return this.once(said, newNumber, asker, async (transaction) => {
      const { personId, cardId } = await this.own(transaction, number, asker);
      const by = { number: newNumber, by: asker.by, why, office };
      return this.parts.cards.replaceWithin(transaction, personId, cardId, by);
    });
  }

  /** Throws CARD_UNKNOWN (not-found), CHILD_CARD_AGE (invalid), ERASURE_UNDER_WAY (conflict). */
  modify(
    said: Request & {
      readonly number: string;
      readonly office?: string | undefined;
      readonly child?: boolean | undefined;
    },
    asker: CardAsker,
  ): Promise<CardRow> {
    const { persons, cards, rows } = this.parts;
    return this.once(said, said.number, asker, async (transaction) => {
      const { personId, cardId } = await this.own(transaction, said.number, asker);
      await persons.row(transaction, personId, 'wait');
      await persons.assertNotErased(transaction, personId);
      const known = await transaction.rows(cardTable).get({ cardId }, { lock: 'wait' });
      if (!known) throw new DomainError('CARD_UNKNOWN', 'not-found', { cardId });
      const { child = known.child, office = known.office } = said;
      const reviewOn = child ? await cards.assertChild(transaction, personId) : null;
      const changed = { ...known, child, office, reviewOn };
      await rows.modifyAll(transaction, [changed], asker.by);
      return changed;
    });
  }

  /** Throws as ToldResidents does. */
  tellResident(
    { requestId, ...said }: Request & CardFileRowOf<'residents'>,
    asker: CardAsker,
  ): Promise<{ readonly result: Told; readonly personId?: string }> {
    return this.parts.store.transact(async (transaction) => {
      if (!(await this.mark(transaction, requestId, said, asker))) return { result: 'unchanged' };
      const { told, personId } = await this.parts.residents.tell(transaction, said, asker);
      return { result: told, personId };
    });
  }

  /** Does what is asked for once; the same request again shows how the card stands now. */
  private once<Said extends Request>(
    said: Said,
    number: string,
    asker: CardAsker,
    work: (transaction: Transaction, said: Said) => Promise<CardRow>,
  ): Promise<CardRow> {
    return this.parts.store.transact(async (transaction) => {
      const isNew = await this.mark(transaction, said.requestId, said, asker);
      return isNew ? work(transaction, said) : this.own(transaction, number, asker);
    });
  }

  /** Throws MESSAGE_CONFLICT (conflict): the same id was sent with another content. */
  private mark(
    transaction: Transaction,
    requestId: string,
    said: object,
    { by }: CardAsker,
  ): Promise<boolean> {
    const content = this.parts.vault.indexOf('card-request', canonicalJson(said));
    return transaction.markHandled(`identity.card-requests ${by}`, requestId, content);
  }

  /** Who asks about far more than the persons who stand there is collecting names or numbers. */
  private assertMayGuess(by: string): void {
    const retryAfterSeconds = this.misses.waitSeconds(by);
    if (retryAfterSeconds === 0) return;
    throw new DomainError('LOOKUPS_TOO_MANY', 'overloaded', {
      why: 'too many of your questions did not match',
      remedy: 'check how cards are read; try again later',
      retryAfterSeconds,
    });
  }

  private count(by: string, match: boolean): void {
    countCheck(match);
    if (!match) this.misses.spend(by);
  }

  private async own(transaction: Transaction, number: string, asker: CardAsker): Promise<CardRow> {
    const [card] = await this.parts.effects.find(transaction, [number], asker);
    if (card) return card;
    throw new DomainError('CARD_UNKNOWN', 'not-found', {
      field: '/number',
      why: 'no card of yours has this number',
      remedy: 'check the number, or register the card first',
    });
  }
}

const UNKNOWN = new Set([
  'PERSON_UNKNOWN',
  'PERSON_CONFLICT',
  'PERSONAL_DATA_DESTROYED',
  'CARD_NOT_VALID',
  'CARD_REPLACED',
]);
const unlessUnknown = (error: unknown): undefined => {
  if (error instanceof DomainError && UNKNOWN.has(error.code)) return undefined;
  throw error;
};

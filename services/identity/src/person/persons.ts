import {
  businessDateOf,
  type CardMedium,
  type Frozen,
  type Registration,
} from '@caretab/contracts';
import { ageOn, assert, type Clock, DomainError, type Ids, readIdNumber } from '@caretab/kernel';
import { readName } from '@caretab/security';
import type { Store, Transaction } from '@caretab/store';
import { assertValid, CHILD_YEARS, credentialTypeOf } from '../card/card';
import { CardRows } from '../card/card-rows';
import type { CardRow } from '../card/card.table';
import {
  erasedPersonTable,
  erasureTable,
  type ErasureRow,
  UNDER_WAY,
} from '../erasure/erasure.table';
import { guardiansToday } from '../guardianship/wards';
import { survivorOf } from '../merge/standing';
import { contactsOf, type Reached } from './contacts';
import { type Found, Lookups } from './lookups';
import { opened } from './opened';
import { personRegistered } from './person-messages';
import { identifierTable, personKeyTable, personTable, type PersonRow } from './person.table';
import {
  assertSameName,
  type Contact,
  contactOf,
  type Credential,
  isMinor,
  masked,
  type MaskedPerson,
  normaliseCredential,
  type PersonalData,
  readRegistration,
  updated,
} from './personal-data';
import type { Vault } from './vault';

export interface PersonsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly vault: Vault;
  /** When those who resolve at once are answered; at the end of the turn by default. */
  readonly later?: ((run: () => void) => void) | undefined;
}

export interface Registered {
  readonly personId: string;
  readonly created: boolean;
}

const IDENTIFIER_TYPES = ['id-number', 'health-card', 'qr'] as const;

/**
 * Registers, finds, shows and forgets persons. Everything but the personId is readable only through
 * the vault.
 */
export class Persons {
  private readonly lookups: Lookups;
  private readonly cards: CardRows;

  constructor(private readonly parts: PersonsParts) {
    this.lookups = new Lookups(parts.store, parts.later);
    this.cards = new CardRows(parts);
  }

  /** Today's business day (Asia/Shanghai), YYYY-MM-DD. */
  today(): string {
    return businessDateOf(this.parts.clock.now().toISOString());
  }

  /**
   * Registers a person by three factors, or recognises one: the same ID number and name give the
   * same personId, a new e-mail or credential is added; a known mobile number stays. Throws NAME_INVALID,
   * ID_NUMBER_INVALID, MOBILE_INVALID (invalid), IDENTITY_CONTRADICTS (unprocessable),
   * PERSON_CONFLICT (same ID number, other name), CREDENTIAL_CONFLICT (the credential is another
   * person's) and ERASURE_UNDER_WAY (conflict); nothing is changed then. A person who was erased and
   * registers again is the same person.
   */
  register(registration: Frozen<Registration>): Promise<Registered> {
    return this.parts.store.transact((transaction) =>
      this.registerWithin(transaction, registration),
    );
  }

  /** As `register`, beside what else the transaction does. */
  async registerWithin(
    transaction: Transaction,
    registration: Frozen<Registration>,
  ): Promise<Registered> {
    const data = readRegistration(registration, this.today());
    const blindIndex = this.idNumberIndex(data.idNumber);
    const registryIndex = this.parts.vault.registryIndexOf(data.idNumber);
    const earlier = await transaction.rows(erasedPersonTable).get({ registryIndex });
    const fresh = earlier?.personId ?? `p-${this.parts.ids.next()}`;
    // The index comes first: its primary key decides between two who register the same person at once.
    const created = await transaction
      .rows(identifierTable)
      .insertIfAbsent({ blindIndex, type: 'id-number', personId: fresh, survivorId: null });
    const personId = created ? fresh : await this.ownerOf(transaction, blindIndex);
    if (created) await this.create(transaction, personId, data);
    else await this.update(transaction, personId, data);
    for (const credential of registration.credentials ?? [])
      await this.attach(transaction, personId, credential);
    return { personId: await survivorOf(transaction, personId), created };
  }

  /** Under which an ID number in its one written form is found. */
  idNumberIndex(idNumber: string): string {
    return this.parts.vault.indexOf('id-number', idNumber);
  }

  /**
   * Whose credential this is (`id-number`, `health-card`, `qr`); of who is merged, the survivor's.
   * Throws PERSON_UNKNOWN (not-found), CARD_NOT_VALID, CARD_REPLACED, PERSON_DIED (forbidden), never with
   * the value.
   */
  async resolve(type: string, value: string): Promise<string> {
    return (await this.find(type, value)).survivorId;
  }

  /** As `resolve`, with whose number it is by its registration. */
  async find(type: string, value: string): Promise<Omit<Found, 'card'>> {
    const blindIndex = this.parts.vault.indexOf(type, normaliseCredential(type, value));
    const found = await this.lookups.find(blindIndex);
    if (!found) throw new DomainError('PERSON_UNKNOWN', 'not-found', { type });
    if (found.card) await this.assertValid(found.card);
    return found;
  }

  /**
   * Who is registered by this ID number and name. Throws NAME_INVALID, ID_NUMBER_INVALID (invalid),
   * PERSON_UNKNOWN (not-found), PERSON_CONFLICT (conflict: another name).
   */
  async recognise({ idNumber, name }: { idNumber: string; name: string }): Promise<string> {
    const { value } = readIdNumber(idNumber, this.today());
    const { personId, survivorId } = await this.find('id-number', value);
    const known = await this.parts.store.transact((transaction) =>
      this.read(transaction, personId),
    );
    assertSameName(known, readName(name));
    return survivorId;
  }

  /**
   * Under which indexes these texts would stand, as whatever identifier: by them another service
   * finds what it stored of a person, without a text that says whom.
   */
  indexesOf(values: readonly string[]): string[] {
    const indexes = values.flatMap((value) =>
      IDENTIFIER_TYPES.map((type) =>
        this.parts.vault.indexOf(type, normaliseCredential(type, value)),
      ),
    );
    return [...new Set(indexes)];
  }

  /** Under which the number of a card or code is found. */
  credentialIndex(medium: CardMedium, number: string): string {
    const type = credentialTypeOf(medium);
    return this.parts.vault.indexOf(type, normaliseCredential(type, number));
  }

  /**
   * What a screen may show. Throws PERSON_UNKNOWN (not-found), PERSONAL_DATA_DESTROYED (not-found).
   */
  async show(personId: string): Promise<MaskedPerson & { personId: string; guardianId?: string }> {
    return this.parts.store.transact(async (transaction) => {
      const data = await this.read(transaction, personId);
      const [guardian] = await guardiansToday(transaction, this, personId);
      return {
        personId,
        ...masked(data, this.today()),
        ...(guardian && { guardianId: guardian.guardianId }),
      };
    });
  }

  /** How a person is reached; who is merged, by the survivor's contact. Throws as `show`. */
  contact(personId: string): Promise<Contact> {
    return this.parts.store.transact(async (transaction) => {
      const { mergedInto } = await this.row(transaction, personId);
      return contactOf(await this.read(transaction, mergedInto ?? personId));
    });
  }

  /** How persons are reached, and whose data is destroyed; who is in neither is not known. */
  contacts(personIds: readonly string[]): Promise<Reached> {
    const { store, vault } = this.parts;
    return store.transact((transaction) => contactsOf(transaction, vault, personIds));
  }

  /** The erasure of a person that is under way; undefined where none is. */
  erasureOf(transaction: Transaction, personId: string): Promise<ErasureRow | undefined> {
    return transaction.rows(erasureTable).get({ personId, status: { in: UNDER_WAY } });
  }

  /** Throws ERASURE_UNDER_WAY (conflict): who is being erased changes in nothing. */
  async assertNotErased(transaction: Transaction, personId: string): Promise<void> {
    if (await this.erasureOf(transaction, personId))
      throw new DomainError('ERASURE_UNDER_WAY', 'conflict', {
        personId,
        why: 'the person is being erased',
        remedy: 'wait until the erasure is done or refused',
      });
  }

  /**
   * Opens a person's data inside a transaction; with a lock when it decides a change. Throws as
   * `show`.
   */
  async read(transaction: Transaction, personId: string, lock?: 'wait'): Promise<PersonalData> {
    const person = await this.row(transaction, personId, lock);
    const key = await transaction.rows(personKeyTable).get({ personId });
    return opened(this.parts.vault, person, key);
  }

  /** Throws PERSON_UNKNOWN (not-found). */
  async row(transaction: Transaction, personId: string, lock?: 'wait'): Promise<PersonRow> {
    const person = await transaction.rows(personTable).get({ personId }, lock && { lock });
    if (!person) throw new DomainError('PERSON_UNKNOWN', 'not-found', { personId });
    return person;
  }

  private async create(
    transaction: Transaction,
    personId: string,
    data: PersonalData,
  ): Promise<void> {
    const now = this.parts.clock.now();
    const wrapped = this.parts.vault.newKey(personId);
    const row = {
      personId,
      sealed: this.parts.vault.seal(personId, wrapped, data),
      registeredAt: now,
      destroyedAt: null,
      indexedAt: null,
      mergedInto: null,
    };
    // An erased person who registers again has a row already.
    if (!(await transaction.rows(personTable).insertIfAbsent(row)))
      await transaction.rows(personTable).save(row);
    await transaction.rows(personKeyTable).insert({ personId, wrapped });
    transaction.publish(personRegistered(personId, isMinor(data, this.today()), now));
  }

  private async update(
    transaction: Transaction,
    personId: string,
    given: PersonalData,
  ): Promise<void> {
    const known = await this.read(transaction, personId, 'wait');
    await this.assertNotErased(transaction, personId);
    const changed = updated(known, given);
    if (!changed) return;
    const person = await this.row(transaction, personId);
    const key = await transaction.rows(personKeyTable).get({ personId });
    assert(key, 'a person whose data was read has a key');
    const sealed = this.parts.vault.seal(personId, key.wrapped, changed);
    await transaction.rows(personTable).save({ ...person, sealed, indexedAt: null });
  }

  private async attach(
    transaction: Transaction,
    personId: string,
    { type, value }: Credential,
  ): Promise<void> {
    const medium = type === 'qr' ? 'code' : 'physical';
    await this.cards.add(transaction, {
      ...{ personId, medium, number: value, by: 'registration' },
      ...{ mode: 'registration', status: 'active' },
    });
  }

  /** A child card ends with the day before the seventh birthday, before the job has seen it. */
  private async assertValid(card: CardRow): Promise<void> {
    const { status, reviewOn, personId, frozenByDeath } = card;
    assertValid(status, frozenByDeath);
    const today = this.today();
    if (reviewOn === null || reviewOn > today) return;
    const { birthDate } = await this.parts.store.transact((transaction) =>
      this.read(transaction, personId),
    );
    if (ageOn(birthDate, today) >= CHILD_YEARS) assertValid('closed');
  }

  private async ownerOf(transaction: Transaction, blindIndex: string): Promise<string> {
    const identifier = await transaction.rows(identifierTable).get({ blindIndex });
    assert(identifier, 'an identifier that is taken has an owner');
    return identifier.personId;
  }
}

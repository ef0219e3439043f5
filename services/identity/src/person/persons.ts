import {
  businessDateOf,
  type Frozen,
  identityPersons,
  message,
  type Registration,
} from '@caretab/contracts';
import { assert, type Clock, derivedId, DomainError, type Ids } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import {
  guardianshipTable,
  identifierTable,
  personKeyTable,
  personTable,
  type PersonRow,
} from './person.table';
import {
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
}

export interface Contact {
  readonly email?: string;
  readonly mobile: string;
  readonly language?: 'zh' | 'en';
}

const IDENTIFIER_TYPES = ['id-number', 'health-card', 'qr'] as const;
/** Identifiers of one person that an event names. */
const INDEXES_MAX = 100;

/**
 * Registers, finds, shows and forgets persons. Everything but the personId is readable only through
 * the vault.
 */
export class Persons {
  constructor(private readonly parts: PersonsParts) {}

  /** Today's business day (Asia/Shanghai), YYYY-MM-DD. */
  today(): string {
    return businessDateOf(this.parts.clock.now().toISOString());
  }

  /**
   * Registers a person by three factors, or recognises one: the same ID number and name give the
   * same personId, a new mobile number, e-mail or credential is added. Throws NAME_INVALID,
   * ID_NUMBER_INVALID, MOBILE_INVALID (invalid), PERSON_CONFLICT (same ID number, other name) and
   * CREDENTIAL_CONFLICT (the credential is another person's); nothing is changed then.
   */
  async register(
    registration: Frozen<Registration>,
  ): Promise<{ personId: string; created: boolean }> {
    const data = readRegistration(registration, this.today());
    const blindIndex = this.parts.vault.indexOf('id-number', data.idNumber);
    return this.parts.store.transact(async (transaction) => {
      const fresh = `p-${this.parts.ids.next()}`;
      // The index comes first: its primary key decides between two who register the same person at
      // once.
      const created = await transaction
        .rows(identifierTable)
        .insertIfAbsent({ blindIndex, type: 'id-number', personId: fresh });
      const personId = created ? fresh : await this.ownerOf(transaction, blindIndex);
      if (created) await this.create(transaction, personId, data);
      else await this.update(transaction, personId, data);
      for (const credential of registration.credentials ?? [])
        await this.attach(transaction, personId, credential);
      return { personId, created };
    });
  }

  /**
   * Whose credential this is (`id-number`, `health-card`, `qr`). Throws PERSON_UNKNOWN (not-found),
   * never with the value.
   */
  async resolve(type: string, value: string): Promise<string> {
    const blindIndex = this.parts.vault.indexOf(type, normaliseCredential(type, value));
    const identifier = await this.parts.store.transact((transaction) =>
      transaction.rows(identifierTable).get({ blindIndex }),
    );
    if (!identifier) throw new DomainError('PERSON_UNKNOWN', 'not-found', { type });
    return identifier.personId;
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

  /**
   * What a screen may show. Throws PERSON_UNKNOWN (not-found), PERSONAL_DATA_DESTROYED (not-found).
   */
  async show(personId: string): Promise<MaskedPerson & { personId: string; guardianId?: string }> {
    return this.parts.store.transact(async (transaction) => {
      const data = await this.read(transaction, personId);
      const guardianship = await transaction.rows(guardianshipTable).get({ personId });
      return {
        personId,
        ...masked(data, this.today()),
        ...(guardianship && { guardianId: guardianship.guardianId }),
      };
    });
  }

  /** How a person is reached. Throws as `show`. */
  async contact(personId: string): Promise<Contact> {
    const { email, mobile, language } = await this.parts.store.transact((transaction) =>
      this.read(transaction, personId),
    );
    return {
      mobile,
      ...(email !== undefined && { email }),
      ...(language !== undefined && { language }),
    };
  }

  /**
   * Destroys a person's key, sealed data and indexes for good; what was said under the personId
   * elsewhere stays true. Repeatable.
   */
  async destroy(personId: string): Promise<void> {
    const now = this.parts.clock.now();
    await this.parts.store.transact(async (transaction) => {
      const person = await this.row(transaction, personId, 'wait');
      if (person.destroyedAt) return;
      await transaction.rows(personKeyTable).delete({ personId });
      const identifiers = await transaction.rows(identifierTable).find({ personId });
      await transaction.rows(identifierTable).delete({ personId });
      await transaction.rows(guardianshipTable).delete({ personId });
      await transaction.rows(personTable).save({ ...person, sealed: null, destroyedAt: now });
      const blindIndexes = identifiers.map(({ blindIndex }) => blindIndex).slice(0, INDEXES_MAX);
      const data = { personId, destroyedAt: now.toISOString(), blindIndexes };
      transaction.publish(
        message(identityPersons, 'PersonalDataDestroyed', data, {
          id: derivedId('PersonalDataDestroyed', personId),
          time: now,
          source: 'identity',
        }),
      );
    });
  }

  /**
   * Opens a person's data inside a transaction; with a lock when it decides a change. Throws as
   * `show`.
   */
  async read(transaction: Transaction, personId: string, lock?: 'wait'): Promise<PersonalData> {
    const person = await this.row(transaction, personId, lock);
    const key = await transaction.rows(personKeyTable).get({ personId });
    if (!person.sealed || !key)
      throw new DomainError('PERSONAL_DATA_DESTROYED', 'not-found', { personId });
    return this.parts.vault.open(personId, key.wrapped, person.sealed);
  }

  private async row(transaction: Transaction, personId: string, lock?: 'wait'): Promise<PersonRow> {
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
    await transaction.rows(personTable).insert({
      personId,
      sealed: this.parts.vault.seal(personId, wrapped, data),
      registeredAt: now,
      destroyedAt: null,
    });
    await transaction.rows(personKeyTable).insert({ personId, wrapped });
    const registered = {
      personId,
      minor: isMinor(data, this.today()),
      registeredAt: now.toISOString(),
    };
    transaction.publish(
      message(identityPersons, 'PersonRegistered', registered, {
        id: derivedId('PersonRegistered', personId),
        time: now,
        source: 'identity',
      }),
    );
  }

  private async update(
    transaction: Transaction,
    personId: string,
    given: PersonalData,
  ): Promise<void> {
    const changed = updated(await this.read(transaction, personId, 'wait'), given);
    if (!changed) return;
    const person = await this.row(transaction, personId);
    const key = await transaction.rows(personKeyTable).get({ personId });
    assert(key, 'a person whose data was read has a key');
    await transaction
      .rows(personTable)
      .save({ ...person, sealed: this.parts.vault.seal(personId, key.wrapped, changed) });
  }

  private async attach(
    transaction: Transaction,
    personId: string,
    { type, value }: Credential,
  ): Promise<void> {
    const blindIndex = this.parts.vault.indexOf(type, normaliseCredential(type, value));
    if (await transaction.rows(identifierTable).insertIfAbsent({ blindIndex, type, personId }))
      return;
    if ((await this.ownerOf(transaction, blindIndex)) !== personId)
      throw new DomainError('CREDENTIAL_CONFLICT', 'conflict', { type });
  }

  private async ownerOf(transaction: Transaction, blindIndex: string): Promise<string> {
    const identifier = await transaction.rows(identifierTable).get({ blindIndex });
    assert(identifier, 'an identifier that is taken has an owner');
    return identifier.personId;
  }
}

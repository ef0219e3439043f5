import { assert, type Clock, type Ids } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { personKeyTable, type PersonRow, personTable } from '../person/person.table';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import { comparedOf, type Compared, type Demographics } from './demographics';
import { type SourceRecordRow, sourceRecordTable } from './source-record.table';

/** What is sealed of a record. */
export interface RecordContent {
  readonly identifier: string;
  readonly kind: string;
  readonly person: Demographics;
}

export interface IndexParts {
  readonly persons: Persons;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Records of one person that are compared. */
const RECORDS_MAX = 10;

/** Persons as the index knows them: by their registration, by their records, or by both. */
export class IndexPersons {
  constructor(private readonly parts: IndexParts) {}

  /** A person whom only records know: a key, and no registration. */
  async begin(transaction: Transaction): Promise<string> {
    const { ids, vault, clock } = this.parts;
    const now = clock.now();
    const personId = `p-${ids.next()}`;
    // Written at once: the key refers to it.
    await transaction.rows(personTable).insertIfAbsent({
      ...{ personId, sealed: null, destroyedAt: null, mergedInto: null },
      ...{ registeredAt: now, indexedAt: now },
    });
    await transaction.rows(personKeyTable).insert({ personId, wrapped: vault.newKey(personId) });
    return personId;
  }

  /** Locks a person that records may go to or leave. Undefined where the person was destroyed. */
  async hold(transaction: Transaction, personId: string): Promise<PersonRow | undefined> {
    const person = await this.parts.persons.row(transaction, personId, 'wait');
    if (person.destroyedAt || (await this.parts.persons.erasureOf(transaction, personId)))
      return undefined;
    return person;
  }

  async seal(
    transaction: Transaction,
    of: { readonly personId: string; readonly recordId: string },
    content: RecordContent,
  ): Promise<Buffer> {
    const wrapped = await this.keyOf(transaction, of.personId);
    return this.parts.vault.sealRecord(of, wrapped, JSON.stringify(content));
  }

  async contentOf(transaction: Transaction, record: SourceRecordRow): Promise<RecordContent> {
    const wrapped = await this.keyOf(transaction, record.personId);
    const text = this.parts.vault.openRecord(record, wrapped, record.sealed);
    return JSON.parse(text) as RecordContent;
  }

  async comparedRecord(transaction: Transaction, record: SourceRecordRow): Promise<Compared> {
    return this.comparedContent(await this.contentOf(transaction, record));
  }

  /** What is compared of a record: its own identifier is one of its numbers. */
  comparedContent({ identifier, kind, person }: RecordContent): Compared {
    const identifiers = [...(person.identifiers ?? []), { type: kind, value: identifier }];
    return comparedOf({ ...person, identifiers }, this.parts.persons.today());
  }

  /** Undefined where the person never registered. */
  async comparedRegistration(
    transaction: Transaction,
    { personId, sealed }: PersonRow,
  ): Promise<Compared | undefined> {
    if (!sealed) return undefined;
    const { name, idNumber, mobile } = await this.parts.persons.read(transaction, personId);
    return comparedOf({ name, idNumber, mobile }, this.parts.persons.today());
  }

  /** All that is compared of a person, except one record. */
  async comparedPerson(
    transaction: Transaction,
    person: PersonRow,
    except?: string,
  ): Promise<readonly Compared[]> {
    const registered = await this.comparedRegistration(transaction, person);
    const records = await transaction
      .rows(sourceRecordTable)
      .find({ personId: person.personId }, { orderBy: 'receivedAt', countMax: RECORDS_MAX });
    const compared = registered ? [registered] : [];
    for (const record of records)
      if (record.recordId !== except) compared.push(await this.comparedRecord(transaction, record));
    return compared;
  }

  private async keyOf(transaction: Transaction, personId: string): Promise<Buffer> {
    const key = await transaction.rows(personKeyTable).get({ personId });
    assert(key, 'a person of whom something is sealed has a key');
    return key.wrapped;
  }
}

import { DomainError, idNumberFault, normaliseIdNumber } from '@caretab/kernel';
import { readName } from '@caretab/security';
import type { Store } from '@caretab/store';
import type { Domain, SourceRecords } from '../master-index/source-records';
import { assertSameName } from '../person/personal-data';
import type { Persons } from '../person/persons';
import type { DecodedHolder } from './credential-decoder';
import type { SourceRecordDomain } from './issuers';

const differs = (): DomainError =>
  new DomainError('CODE_HOLDER_DIFFERS', 'forbidden', {
    field: '/value',
    why: 'the issuer of the code names a person who is registered otherwise',
    remedy: 'take the ID card, and have the issuer’s record corrected',
  });

const isUnknown = (error: unknown): boolean =>
  error instanceof DomainError &&
  ['PERSON_UNKNOWN', 'PERSONAL_DATA_DESTROYED', 'SOURCE_RECORD_UNKNOWN'].includes(error.code);

/**
 * Whom an issuer's answer is about: by the ID number, and by numbers that the master index has linked
 * by a rule or by people. A probability finds no one here.
 */
export class IssuedHolders {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly persons: Persons;
      readonly records: Pick<SourceRecords, 'find'>;
    },
  ) {}

  /** Throws PERSON_UNKNOWN (not-found), CODE_HOLDER_DIFFERS (forbidden). */
  async find(holder: DecodedHolder, domains: SourceRecordDomain): Promise<string> {
    const found = new Set(await this.found(holder, domains));
    const [personId, ...others] = found;
    if (personId === undefined)
      throw new DomainError('PERSON_UNKNOWN', 'not-found', { field: '/value' });
    if (others.length > 0) throw differs();
    await this.assertName(personId, holder);
    return personId;
  }

  private async found(
    { idNumber, insuranceNumber, holderId }: DecodedHolder,
    { insuranceAuthority, cardAuthority }: SourceRecordDomain,
  ): Promise<readonly string[]> {
    const { persons } = this.parts;
    const number = idNumber === undefined ? undefined : normaliseIdNumber(idNumber);
    // A number that cannot be says nothing of anyone.
    if (number !== undefined && idNumberFault(number, persons.today())) throw differs();
    const known = [
      number === undefined ? undefined : await orNone(persons.resolve('id-number', number)),
      await this.ofRecord('insurance', insuranceAuthority, insuranceNumber),
      await this.ofRecord('health-card', cardAuthority, holderId),
    ];
    return known.filter((one) => one !== undefined);
  }

  /** Of a record that never was linked to who registered, no one. */
  private async ofRecord(
    kind: Domain['kind'],
    authority: string | undefined,
    identifier: string | undefined,
  ): Promise<string | undefined> {
    if (authority === undefined || identifier === undefined) return undefined;
    const record = await orNone(this.parts.records.find({ kind, authority }, identifier));
    if (!record || record.linkedBy === 'none') return undefined;
    return record.personId;
  }

  /** Without an ID number the name is what else is said of the person: it has to be there. */
  private async assertName(personId: string, { name, idNumber }: DecodedHolder): Promise<void> {
    if (name === undefined && idNumber !== undefined) return;
    const { store, persons } = this.parts;
    const registered = await store.transact((transaction) => persons.read(transaction, personId));
    try {
      assertSameName(registered, readName(name ?? ''));
    } catch {
      throw differs();
    }
  }
}

const orNone = async <Found>(asked: Promise<Found>): Promise<Found | undefined> => {
  try {
    return await asked;
  } catch (error) {
    if (isUnknown(error)) return undefined;
    throw error;
  }
};

import {
  blindIndex,
  dataKeyOf,
  DerivedKeys,
  deriveKey,
  indexKey,
  isSealedBy,
  type MasterKeys,
  newDataKey,
  open,
  type Randomness,
  rewrapped,
  seal,
} from '@caretab/security';
import type { PersonalData } from './personal-data';

const contextOf = (personId: string): string => `person ${personId}`;
const recordContextOf = (recordId: string): string => `record ${recordId}`;

/** A source's record of a person. */
interface Of {
  readonly personId: string;
  readonly recordId: string;
}

/**
 * Seals and opens personal data, and finds it without reading it. The only holder of the master
 * keys.
 */
export class Vault {
  private readonly wrapping: DerivedKeys;
  private readonly indexKey: Buffer;
  private readonly registryKey: Buffer;
  /** By which front nodes hash the numbers that they read; it finds no one. */
  readonly listKey: Buffer;

  /** `randomness` is only handed in by simulations. */
  constructor(
    masters: MasterKeys,
    private readonly randomness?: Randomness,
  ) {
    this.wrapping = new DerivedKeys(masters, 'identity wrapping');
    const fixed = indexKey(masters);
    this.indexKey = deriveKey(fixed, 'identity blind index');
    this.registryKey = deriveKey(fixed, 'identity registry of erased persons');
    this.listKey = deriveKey(fixed, 'identity card list');
  }

  /** A fresh key for a person, in the only form that is stored. */
  newKey(personId: string): Buffer {
    return newDataKey(this.wrapping, personId, this.randomness);
  }

  seal(personId: string, wrapped: Buffer, data: PersonalData): Buffer {
    return this.sealText(personId, wrapped, JSON.stringify(data));
  }

  open(personId: string, wrapped: Buffer, sealed: Buffer): PersonalData {
    return JSON.parse(this.openText(personId, wrapped, sealed)) as PersonalData;
  }

  /** The same data key by the master key that seals now; undefined where it is. */
  renewedKey(personId: string, wrapped: Buffer): Buffer | undefined {
    if (isSealedBy(this.wrapping, wrapped)) return undefined;
    return rewrapped(this.wrapping, wrapped, personId, this.randomness);
  }

  /** The same data by the suite that seals now; undefined where it is. */
  renewed(personId: string, wrapped: Buffer, sealed: Buffer): Buffer | undefined {
    return this.renewedText(personId, wrapped, sealed);
  }

  renewedText(
    personId: string,
    wrapped: Buffer,
    sealed: Buffer,
    context = contextOf(personId),
  ): Buffer | undefined {
    if (this.isNew(sealed)) return undefined;
    const text = this.openText(personId, wrapped, sealed, context);
    return this.sealText(personId, wrapped, text, context);
  }

  renewedRecord(of: Of, wrapped: Buffer, sealed: Buffer): Buffer | undefined {
    if (this.isNew(sealed)) return undefined;
    return this.sealRecord(of, wrapped, this.openRecord(of, wrapped, sealed));
  }

  private isNew(sealed: Buffer): boolean {
    return isSealedBy({ currentId: '', suite: this.wrapping.suite }, sealed);
  }

  /** What a source says of a person, with the person's key; it opens as that record alone. */
  sealRecord({ personId, recordId }: Of, wrapped: Buffer, text: string): Buffer {
    return this.sealText(personId, wrapped, text, recordContextOf(recordId));
  }

  openRecord({ personId, recordId }: Of, wrapped: Buffer, sealed: Buffer): string {
    return this.openText(personId, wrapped, sealed, recordContextOf(recordId));
  }

  /** Any text of a person, by their key. */
  sealText(personId: string, wrapped: Buffer, text: string, context = contextOf(personId)): Buffer {
    const key = dataKeyOf(this.wrapping, wrapped, personId);
    return seal(key, text, context, this.randomness);
  }

  openText(
    personId: string,
    wrapped: Buffer,
    sealed: Buffer,
    context = contextOf(personId),
  ): string {
    const key = dataKeyOf(this.wrapping, wrapped, personId);
    return open(key, sealed, context).toString('utf8');
  }

  /** By which a credential in its one written form is found. */
  indexOf(type: string, normalisedValue: string): string {
    return blindIndex(this.indexKey, type, normalisedValue);
  }

  /** By which the lists of cards name a number. */
  listHashOf(type: string, normalisedValue: string): string {
    return blindIndex(this.listKey, type, normalisedValue);
  }

  /** By which an erased person is recognised who registers again; finds no one else's data. */
  registryIndexOf(idNumber: string): string {
    return blindIndex(this.registryKey, 'id-number', idNumber);
  }
}

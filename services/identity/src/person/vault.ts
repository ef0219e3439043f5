import {
  blindIndex,
  deriveKey,
  newDataKey,
  open,
  seal,
  unwrapDataKey,
  type Randomness,
} from '@caretab/security';
import type { PersonalData } from './personal-data';

/**
 * Seals and opens personal data, and finds it without reading it. The only holder of the master
 * key.
 */
export class Vault {
  private readonly wrappingKey: Buffer;
  private readonly indexKey: Buffer;
  private readonly registryKey: Buffer;

  /** `master`: 32 bytes. `randomness` is only handed in by simulations. */
  constructor(
    master: Buffer,
    private readonly randomness?: Randomness,
  ) {
    this.wrappingKey = deriveKey(master, 'identity wrapping');
    this.indexKey = deriveKey(master, 'identity blind index');
    this.registryKey = deriveKey(master, 'identity registry of erased persons');
  }

  /** A fresh key for a person, in the only form that is stored. */
  newKey(personId: string): Buffer {
    return newDataKey(this.wrappingKey, personId, this.randomness).wrapped;
  }

  seal(personId: string, wrapped: Buffer, data: PersonalData): Buffer {
    return seal(
      unwrapDataKey(this.wrappingKey, wrapped, personId),
      JSON.stringify(data),
      `person ${personId}`,
      this.randomness,
    );
  }

  open(personId: string, wrapped: Buffer, sealed: Buffer): PersonalData {
    return JSON.parse(
      open(
        unwrapDataKey(this.wrappingKey, wrapped, personId),
        sealed,
        `person ${personId}`,
      ).toString('utf8'),
    ) as PersonalData;
  }

  /** By which a credential in its one written form is found. */
  indexOf(type: string, normalisedValue: string): string {
    return blindIndex(this.indexKey, type, normalisedValue);
  }

  /** By which an erased person is recognised who registers again; finds no one else's data. */
  registryIndexOf(idNumber: string): string {
    return blindIndex(this.registryKey, 'id-number', idNumber);
  }
}

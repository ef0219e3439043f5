import { canonicalJson, normaliseIdNumber } from '@caretab/kernel';
import {
  blindIndex,
  DerivedKeys,
  deriveKey,
  indexKey,
  type MasterKeys,
  open,
  seal,
} from '@caretab/security';
import type { Submission } from './submission';

/**
 * How messages are kept: sealed, and recognised by a keyed hash, because a plain one could be
 * guessed from an ID number.
 */
export class Envelope {
  private readonly sealingKeys: DerivedKeys;
  private readonly hashKey: Buffer;
  private readonly identifierKey: Buffer;

  constructor(masters: MasterKeys) {
    this.sealingKeys = new DerivedKeys(masters, 'gateway raw messages');
    const fixed = indexKey(masters);
    this.hashKey = deriveKey(fixed, 'gateway content hashes');
    this.identifierKey = deriveKey(fixed, 'gateway identifiers');
  }

  seal(bytes: Buffer, context: string): Buffer {
    return seal(this.sealingKeys, bytes, context);
  }

  open(sealed: Buffer, context: string): Buffer {
    return open(this.sealingKeys, sealed, context);
  }

  /** The same for the same JSON value, whatever the order of its keys. */
  hash(value: unknown): string {
    return blindIndex(this.hashKey, 'content', canonicalJson(value));
  }

  /**
   * By what a report named its person, as facts keep it: the kind and a keyed digest. Undefined where
   * it named no one by an identifier.
   */
  identifierOf({
    person,
    institutionId,
    patientNumbers: [patientNumber] = [],
  }: Pick<Submission, 'person' | 'institutionId' | 'patientNumbers'>): string | undefined {
    if (!person || 'personId' in person) return undefined;
    if ('patientNumber' in person) {
      if (patientNumber === undefined) return undefined;
      return `patient-number:${blindIndex(this.identifierKey, institutionId, patientNumber)}`;
    }
    const { type, value } = person;
    const written =
      type === 'id-number' ? normaliseIdNumber(value) : value.normalize('NFKC').trim();
    return `${type}:${blindIndex(this.identifierKey, type, written)}`;
  }

  /** What stands for a hospital's number of a visit: 32 characters, of which it cannot be guessed. */
  pseudonymOf(institutionId: string, visitNumber: string): string {
    return blindIndex(this.identifierKey, `visit ${institutionId}`, visitNumber).slice(0, 32);
  }

  hashBytes(bytes: Buffer): string {
    return blindIndex(this.hashKey, 'bytes', bytes.toString('latin1'));
  }
}

import {
  consentKeyStatement,
  type ConsentKeyAlgorithm,
  type ConsentSigned,
  consentStatement,
} from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import { isSignedBy } from '@caretab/security';
import type { Transaction } from '@caretab/store';
import { consentKeyTable, consentSignatureTable } from './consent-key.table';
import type { ConsentSignatureRow } from './consent-key.table';
import type { ConsentRow } from './consent.table';
import { countSignature } from './metrics';

/** A device's clock may be so far from ours. */
const SIGNATURE_AGE_MAX_MS = 5 * 60_000;

/** What a signature is over, beside its key and time. */
export type Signable = Pick<
  ConsentRow,
  'personId' | 'byPersonId' | 'channel' | 'purpose' | 'given' | 'version' | 'language' | 'hash'
>;
export type Signed = Pick<ConsentSignatureRow, 'keyId' | 'statement' | 'value'>;

/** Verifies what citizens sign. */
export class ConsentSignatures {
  constructor(private readonly clock: Clock) {}

  /**
   * The signature as it is kept; `field` points to it in what was sent. Throws CONSENT_KEY_NOT_VALID
   * (forbidden), CONSENT_SIGNATURE_OLD (conflict), CONSENT_SIGNATURE_WRONG (invalid).
   */
  async verified(
    transaction: Transaction,
    of: Signable,
    { keyId, signedAt, value }: ConsentSigned,
    field: string,
  ): Promise<Signed> {
    const [key] = await transaction.rows(consentKeyTable).find({ keyId }, { countMax: 1 });
    if (key?.personId !== of.byPersonId)
      throw keyNotValid(`${field}/keyId`, 'it is no key of who agrees');
    if (key.revokedAt !== null) throw keyNotValid(`${field}/keyId`, 'the key was revoked');
    this.assertNow(signedAt, `${field}/signedAt`);
    const statement = consentStatement({ ...of, keyId, signedAt });
    assertSigned(key, statement, value, `${field}/value`);
    countSignature('taken');
    return { keyId, statement, value };
  }

  /** Keeps it; one that was taken before is refused: CONSENT_SIGNATURE_OLD (conflict). */
  async keep(transaction: Transaction, row: ConsentSignatureRow): Promise<void> {
    const rows = transaction.rows(consentSignatureTable);
    if ((await rows.count({ statement: row.statement })) > 0)
      throw old('/signature', 'the same signature was taken before');
    await rows.insert(row);
  }

  /** Who registers a key has its private half. Throws as `verified`. */
  assertProven(said: {
    readonly personId: string;
    readonly algorithm: ConsentKeyAlgorithm;
    readonly publicKey: string;
    readonly proof: { readonly signedAt: string; readonly value: string };
  }): void {
    const { personId, algorithm, publicKey, proof } = said;
    this.assertNow(proof.signedAt, '/proof/signedAt');
    const statement = consentKeyStatement({
      ...{ personId, algorithm, publicKey, signedAt: proof.signedAt },
    });
    assertSigned({ algorithm, publicKey }, statement, proof.value, '/proof/value');
  }

  private assertNow(signedAt: string, field: string): void {
    const awayMs = Math.abs(Date.parse(signedAt) - this.clock.now().getTime());
    // A text that is no time at all is far away too.
    if (!(awayMs <= SIGNATURE_AGE_MAX_MS))
      throw old(field, 'the time that was signed is not within five minutes of now');
  }
}

export const keyNotValid = (field: string, why: string): DomainError => {
  countSignature('key-not-valid');
  return new DomainError('CONSENT_KEY_NOT_VALID', 'forbidden', {
    ...{ field, why },
    remedy: 'register a new key, or agree without a signature',
  });
};

const old = (field: string, why: string): DomainError => {
  countSignature('old');
  return new DomainError('CONSENT_SIGNATURE_OLD', 'conflict', {
    ...{ field, why },
    remedy: 'set the device’s clock, and sign again',
  });
};

const assertSigned = (
  { algorithm, publicKey }: { readonly algorithm: ConsentKeyAlgorithm; readonly publicKey: string },
  statement: string,
  value: string,
  field: string,
): void => {
  const key = { algorithm, publicKey: Buffer.from(publicKey, 'base64url') };
  if (isSignedBy(key, Buffer.from(statement), Buffer.from(value, 'base64url'))) return;
  countSignature('wrong');
  throw new DomainError('CONSENT_SIGNATURE_WRONG', 'invalid', {
    field,
    why: 'the key did not sign this: person, purpose, version, language, hash, channel or time differ',
    remedy: 'sign the statement as the contract prints it, of the text that was shown',
  });
};

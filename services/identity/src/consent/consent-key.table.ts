import type { ConsentKeyAlgorithm } from '@caretab/contracts';
import { instantColumn, table, textColumn } from '@caretab/store';

/** By which a citizen signs; destroyed with their personal data. */
export interface ConsentKeyRow {
  /** base64url; the first who proves it has it. */
  readonly publicKey: string;
  readonly keyId: string;
  readonly personId: string;
  readonly algorithm: ConsentKeyAlgorithm;
  readonly registeredAt: Date;
  readonly revokedAt: Date | null;
}

export const consentKeyTable = table<ConsentKeyRow>({
  name: 'consent_key',
  columns: {
    publicKey: textColumn('public_key', { primary: true }),
    keyId: textColumn('key_id'),
    personId: textColumn('person_id'),
    algorithm: textColumn(),
    registeredAt: instantColumn('registered_at'),
    revokedAt: instantColumn('revoked_at', { nullable: true }),
  },
  owners: { person: 'personId' },
});

/** What was signed of one consent: only ever added, and of ids alone. */
export interface ConsentSignatureRow {
  readonly consentId: string;
  readonly personId: string;
  readonly keyId: string;
  /** Byte for byte. The same one is good once. */
  readonly statement: string;
  /** base64url. */
  readonly value: string;
}

export const consentSignatureTable = table<ConsentSignatureRow>({
  name: 'consent_signature',
  columns: {
    consentId: textColumn('consent_id', { primary: true }),
    personId: textColumn('person_id'),
    keyId: textColumn('key_id'),
    statement: textColumn(),
    value: textColumn(),
  },
  owners: { person: 'personId' },
});

import type { Role } from '@caretab/access';
import {
  bytesColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';

/** A member of staff or a machine that may sign in. */
export interface SubjectRow {
  /** In small letters: never a name, so that records may show it. */
  readonly subjectId: string;
  readonly roles: readonly Role[];
  readonly createdAt: Date;
  readonly removedAt: Date | null;
  /** Tokens that were issued before are void. */
  readonly voidBefore: Date | null;
  readonly passwordHash: string | null;
  /** The secret of its one-time codes (RFC 6238), sealed. */
  readonly totp: Buffer | null;
  /** The time step of the last code that was taken: a code is good once. */
  readonly totpStep: number;
  readonly failures: number;
  readonly lockedUntil: Date | null;
}

export const subjectTable = table<SubjectRow>({
  name: 'subject',
  columns: {
    subjectId: textColumn('subject_id', { primary: true }),
    roles: jsonColumn(),
    createdAt: instantColumn('created_at'),
    removedAt: instantColumn('removed_at', { nullable: true }),
    voidBefore: instantColumn('void_before', { nullable: true }),
    passwordHash: textColumn('password_hash', { nullable: true }),
    totp: bytesColumn('totp', { nullable: true }),
    totpStep: integerColumn('totp_step'),
    failures: integerColumn(),
    lockedUntil: instantColumn('locked_until', { nullable: true }),
  },
});

/** `session`: what a person that signed in gets further tokens with. */
export type CredentialKind = 'public-key' | 'session';

/** What a subject gets tokens with. */
export interface CredentialRow {
  /** Of a public key its thumbprint, of a session the hash of its secret. */
  readonly credentialId: string;
  readonly subjectId: string;
  readonly kind: CredentialKind;
  readonly publicJwk: Readonly<Record<string, unknown>> | null;
  /** How the person signed in (RFC 8176). */
  readonly amr: readonly string[];
  readonly madeAt: Date;
  readonly endsAt: Date | null;
  readonly usedAt: Date | null;
}

export const credentialTable = table<CredentialRow>({
  name: 'credential',
  columns: {
    credentialId: textColumn('credential_id', { primary: true }),
    subjectId: textColumn('subject_id'),
    kind: textColumn(),
    publicJwk: jsonColumn('public_jwk', { nullable: true }),
    amr: jsonColumn(),
    madeAt: instantColumn('made_at'),
    endsAt: instantColumn('ends_at', { nullable: true }),
    usedAt: instantColumn('used_at', { nullable: true }),
  },
});

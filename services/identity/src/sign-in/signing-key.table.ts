import { bytesColumn, instantColumn, table, textColumn } from '@caretab/store';

/** A key that tokens are signed with. */
export interface SigningKeyRow {
  readonly kid: string;
  /** Its secret half, sealed. */
  readonly sealed: Buffer;
  readonly madeAt: Date;
  /** It is published before it signs, so that every verifier knows it by then. */
  readonly signsFrom: Date;
  /** Published until then; null while it signs. */
  readonly publishedUntil: Date | null;
  /** All tokens of before are void: it was known to others. */
  readonly leakedAt: Date | null;
}

export const signingKeyTable = table<SigningKeyRow>({
  name: 'signing_key',
  columns: {
    kid: textColumn('kid', { primary: true }),
    sealed: bytesColumn(),
    madeAt: instantColumn('made_at'),
    signsFrom: instantColumn('signs_from'),
    publishedUntil: instantColumn('published_until', { nullable: true }),
    leakedAt: instantColumn('leaked_at', { nullable: true }),
  },
});

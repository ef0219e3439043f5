import { instantColumn, table, textColumn } from '@caretab/store';

/** An assertion that a client got a token for: it is good once, whichever process it comes to. */
export interface AssertionRow {
  /** The client, which signed it. */
  readonly issuer: string;
  /** A hash of its `jti`, which may be long. */
  readonly jti: string;
  /** From then on it is too old to be taken, and need not be known. */
  readonly goodUntil: Date;
}

export const assertionTable = table<AssertionRow>({
  name: 'assertion_taken',
  columns: {
    issuer: textColumn('issuer', { primary: true }),
    jti: textColumn('jti', { primary: true }),
    goodUntil: instantColumn('good_until'),
  },
});

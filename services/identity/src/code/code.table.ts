import { instantColumn, integerColumn, table, textColumn } from '@caretab/store';

/** A dynamic code that was issued; nothing in the row shows it. */
export interface CodeRow {
  /** SHA-256 of the nonce, hex. */
  readonly nonceHash: string;
  readonly cardId: string;
  readonly personId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  /** Who showed it; and for what, so that the same again is the same. */
  readonly usedBy: string | null;
  readonly usedFor: string | null;
}

export const codeTable = table<CodeRow>({
  name: 'issued_code',
  columns: {
    nonceHash: textColumn('nonce_hash', { primary: true }),
    cardId: textColumn('card_id'),
    personId: textColumn('person_id'),
    issuedAt: instantColumn('issued_at'),
    expiresAt: instantColumn('expires_at'),
    usedAt: instantColumn('used_at', { nullable: true }),
    usedBy: textColumn('used_by', { nullable: true }),
    usedFor: textColumn('used_for', { nullable: true }),
  },
});

/** Second factors that were wrong, of one static code. */
export interface CodeTriesRow {
  readonly cardId: string;
  readonly wrong: number;
  readonly since: Date;
}

export const codeTriesTable = table<CodeTriesRow>({
  name: 'code_tries',
  columns: {
    cardId: textColumn('card_id', { primary: true }),
    wrong: integerColumn(),
    since: instantColumn('since'),
  },
});

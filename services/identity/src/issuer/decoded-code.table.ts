import { instantColumn, table, textColumn } from '@caretab/store';

/** A code of another issuer that was decoded: it is good once. Nothing in the row shows it. */
export interface DecodedCodeRow {
  /** The keyed hash of kind and code. */
  readonly tokenHash: string;
  /** Null: it was shown by who registered with it, or the person was erased. */
  readonly personId: string | null;
  readonly usedAt: Date;
  /** Who showed it; and for what, so that the same again is the same. */
  readonly usedBy: string;
  readonly usedFor: string | null;
}

export const decodedCodeTable = table<DecodedCodeRow>({
  name: 'decoded_code',
  columns: {
    tokenHash: textColumn('token_hash', { primary: true }),
    personId: textColumn('person_id', { nullable: true }),
    usedAt: instantColumn('used_at'),
    usedBy: textColumn('used_by'),
    usedFor: textColumn('used_for', { nullable: true }),
  },
});

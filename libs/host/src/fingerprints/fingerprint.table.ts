import { integerColumn, table, textColumn } from '@caretab/store';

/** Of one key by which a service has written, or may have. */
export interface FingerprintRow {
  /** The variable that gives the key. */
  readonly name: string;
  readonly keyId: string;
  /** Made of the key; the key does not follow from it. */
  readonly fingerprint: string;
  /** Rises each time that another key becomes the one that writes; 0: it never was. */
  readonly turn: number;
}

export const fingerprintTable = table<FingerprintRow>({
  name: 'fingerprint',
  columns: {
    name: textColumn(undefined, { primary: true }),
    keyId: textColumn('key_id', { primary: true }),
    fingerprint: textColumn(),
    turn: integerColumn(),
  },
});

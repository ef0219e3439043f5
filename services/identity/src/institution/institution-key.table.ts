import { instantColumn, jsonColumn, table, textColumn } from '@caretab/store';

/** An API key of an institution. */
export interface InstitutionKeyRow {
  readonly keyId: string;
  readonly institutionId: string;
  readonly keyHash: string;
  /** How the key begins, for who looks for it in a configuration. */
  readonly prefix: string | null;
  /** What of a hospital's actions it is for. */
  readonly scopes: readonly string[];
  readonly madeAt: Date;
  readonly endsAt: Date;
  /** Before its time. */
  readonly endedAt: Date | null;
  /** To the minute. */
  readonly usedAt: Date | null;
}

export const institutionKeyTable = table<InstitutionKeyRow>({
  name: 'institution_key',
  columns: {
    keyId: textColumn('key_id', { primary: true }),
    institutionId: textColumn('institution_id'),
    keyHash: textColumn('key_hash'),
    prefix: textColumn('prefix', { nullable: true }),
    scopes: jsonColumn(),
    madeAt: instantColumn('made_at'),
    endsAt: instantColumn('ends_at'),
    endedAt: instantColumn('ended_at', { nullable: true }),
    usedAt: instantColumn('used_at', { nullable: true }),
  },
  uniques: [['keyHash']],
});

import { bytesColumn, instantColumn, table, textColumn } from '@caretab/store';

export interface PersonRow {
  readonly personId: string;
  /**
   * Everything personal, as one value sealed with the person's own key; null once destroyed, and of
   * a person who never registered and whom records of the index alone know.
   */
  readonly sealed: Buffer | null;
  readonly registeredAt: Date;
  readonly destroyedAt: Date | null;
  /** Null: the index does not know what was registered yet. */
  readonly indexedAt: Date | null;
  /** Of whom this is another registration; null: of no one. */
  readonly mergedInto: string | null;
}

export const personTable = table<PersonRow>({
  name: 'person',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    sealed: bytesColumn('sealed', { nullable: true }),
    registeredAt: instantColumn('registered_at'),
    destroyedAt: instantColumn('destroyed_at', { nullable: true }),
    indexedAt: instantColumn('indexed_at', { nullable: true }),
    mergedInto: textColumn('merged_into', { nullable: true }),
  },
});

export interface PersonKeyRow {
  readonly personId: string;
  /**
   * The person's data key, wrapped by the master key. Deleting this row destroys the person's data
   * wherever a copy lies.
   */
  readonly wrapped: Buffer;
}

export const personKeyTable = table<PersonKeyRow>({
  name: 'person_key',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    wrapped: bytesColumn('wrapped'),
  },
});

export interface IdentifierRow {
  readonly blindIndex: string;
  readonly type: string;
  readonly personId: string;
  /** Whom it leads to while its person is merged; null: its person. */
  readonly survivorId: string | null;
}

export const identifierTable = table<IdentifierRow>({
  name: 'identifier',
  columns: {
    blindIndex: textColumn('blind_index', { primary: true }),
    type: textColumn(),
    personId: textColumn('person_id'),
    survivorId: textColumn('survivor_id', { nullable: true }),
  },
});

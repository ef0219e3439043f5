import { bytesColumn, instantColumn, table, textColumn } from '@caretab/store';

/**
 * What one source system says of one person, by its own identifier. It belongs to a person of the
 * index: one who registered, or one whom records alone know.
 */
export interface SourceRecordRow {
  /** Keyed hash of domain and identifier. */
  readonly identifierIndex: string;
  readonly recordId: string;
  /** `<kind>:<authority>` */
  readonly domain: string;
  readonly personId: string;
  /** The identifier and what the source says, sealed with the key of `personId`. */
  readonly sealed: Buffer;
  /** `none`: it stands alone or began its person. */
  readonly linkedBy: 'none' | 'rule' | 'review';
  /** When the source recorded it, by its own clock. */
  readonly recordedAt: Date | null;
  readonly receivedAt: Date;
  readonly changedAt: Date;
  /** Null: it has to be compared. */
  readonly matchedAt: Date | null;
}

export const sourceRecordTable = table<SourceRecordRow>({
  name: 'source_record',
  columns: {
    identifierIndex: textColumn('identifier_index', { primary: true }),
    recordId: textColumn('record_id'),
    domain: textColumn(),
    personId: textColumn('person_id'),
    sealed: bytesColumn('sealed'),
    linkedBy: textColumn('linked_by'),
    recordedAt: instantColumn('recorded_at', { nullable: true }),
    receivedAt: instantColumn('received_at'),
    changedAt: instantColumn('changed_at'),
    matchedAt: instantColumn('matched_at', { nullable: true }),
  },
  uniques: [['recordId']],
});

/** A keyed hash under which a record, or a registered person, is found as a candidate. */
export interface MatchKeyRow {
  readonly keyHash: string;
  /** A recordId, or a personId for the person's own registration. */
  readonly holderId: string;
  readonly personId: string;
}

export const matchKeyTable = table<MatchKeyRow>({
  name: 'match_key',
  columns: {
    keyHash: textColumn('key_hash', { primary: true }),
    holderId: textColumn('holder_id', { primary: true }),
    personId: textColumn('person_id'),
  },
});

/** That a record went from one person to another, by a rule or by two persons; and back. */
export interface RecordLinkRow {
  /** One decision may move several records. */
  readonly linkId: string;
  readonly recordId: string;
  readonly fromPersonId: string;
  readonly toPersonId: string;
  /** The identifier of the rule, or `review`. */
  readonly by: string;
  readonly why: string | null;
  readonly linkedBy: string | null;
  readonly approvedBy: string | null;
  readonly linkedAt: Date;
  readonly undoneAt: Date | null;
  readonly undoneBy: string | null;
  readonly undoneWhy: string | null;
}

export const recordLinkTable = table<RecordLinkRow>({
  name: 'record_link',
  columns: {
    linkId: textColumn('link_id', { primary: true }),
    recordId: textColumn('record_id', { primary: true }),
    fromPersonId: textColumn('from_person_id'),
    toPersonId: textColumn('to_person_id'),
    by: textColumn('by_rule'),
    why: textColumn('why', { nullable: true }),
    linkedBy: textColumn('linked_by', { nullable: true }),
    approvedBy: textColumn('approved_by', { nullable: true }),
    linkedAt: instantColumn('linked_at'),
    undoneAt: instantColumn('undone_at', { nullable: true }),
    undoneBy: textColumn('undone_by', { nullable: true }),
    undoneWhy: textColumn('undone_why', { nullable: true }),
  },
});

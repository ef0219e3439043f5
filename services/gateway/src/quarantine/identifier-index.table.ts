import { instantColumn, table, textColumn, type Transaction } from '@caretab/store';

/** An identifier that stands in a quarantined message, by identity's blind index. */
export interface MentionRow {
  readonly blindIndex: string;
  readonly quarantineId: string;
}

export const mentionTable = table<MentionRow>({
  name: 'quarantine_mention',
  columns: {
    blindIndex: textColumn('blind_index', { primary: true }),
    quarantineId: textColumn('quarantine_id', { primary: true }),
  },
});

/**
 * An identifier, or the id, of a person whose data was destroyed: for messages that come, or are
 * indexed, after that.
 */
export interface DestroyedRow {
  readonly blindIndex: string;
  readonly destroyedAt: Date;
  /** Whose it was; null for what the release before wrote. */
  readonly personId: string | null;
  /** When the person registered again: what comes later is kept as that of others. */
  readonly returnedAt: Date | null;
}

export const destroyedTable = table<DestroyedRow>({
  name: 'destroyed_identifier',
  columns: {
    blindIndex: textColumn('blind_index', { primary: true }),
    destroyedAt: instantColumn('destroyed_at'),
    personId: textColumn('person_id', { nullable: true }),
    returnedAt: instantColumn('returned_at', { nullable: true }),
  },
});

/** Whether this person is erased now: of a message about them nothing that names is kept. */
export const isDestroyed = async (transaction: Transaction, personId: string): Promise<boolean> =>
  (await transaction.rows(destroyedTable).get({ blindIndex: personId }))?.returnedAt === null;

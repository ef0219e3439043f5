import { instantColumn, table, textColumn } from '@caretab/store';

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

/** An identifier whose person's data was destroyed, for messages that are indexed after that. */
export interface DestroyedRow {
  readonly blindIndex: string;
  readonly destroyedAt: Date;
}

export const destroyedTable = table<DestroyedRow>({
  name: 'destroyed_identifier',
  columns: {
    blindIndex: textColumn('blind_index', { primary: true }),
    destroyedAt: instantColumn('destroyed_at'),
  },
});

import { instantColumn, table, textColumn } from '@caretab/store';

/** One case of a visit: the holder is not who is registered. Field names, and no value. */
export interface HolderCaseRow {
  readonly visitId: string;
  /** `name`, `birthDate`, `sex`, with commas between. */
  readonly fields: string;
  /** The first message that said so. */
  readonly sourceMessageId: string;
  readonly foundAt: Date;
}

export const holderCaseTable = table<HolderCaseRow>({
  name: 'holder_case',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    fields: textColumn('fields', { primary: true }),
    sourceMessageId: textColumn('source_message_id'),
    foundAt: instantColumn('found_at'),
  },
});

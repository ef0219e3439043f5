import { instantColumn, table, textColumn } from '@caretab/store';

/** One case of a visit: the holder is not who is registered. Field names, and no value. */
export interface HolderCaseRow {
  readonly visitId: string;
  /** Empty in a case that a replica of the release before noted. */
  readonly institutionId: string;
  /** `name`, `birthDate`, `sex`, `newborn`, with commas between. */
  readonly fields: string;
  /** The first message that said so. */
  readonly sourceMessageId: string;
  readonly foundAt: Date;
  readonly status: 'open' | 'closed';
  readonly closedAt: Date | null;
  /** The operator's reason. */
  readonly why: string | null;
}

export const holderCaseTable = table<HolderCaseRow>({
  name: 'holder_case',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    fields: textColumn('fields', { primary: true }),
    sourceMessageId: textColumn('source_message_id'),
    institutionId: textColumn('institution_id'),
    foundAt: instantColumn('found_at'),
    status: textColumn('status'),
    closedAt: instantColumn('closed_at', { nullable: true }),
    why: textColumn('why', { nullable: true }),
  },
  owners: { institution: 'institutionId' },
});

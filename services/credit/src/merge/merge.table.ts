import { booleanColumn, integerColumn, table, textColumn } from '@caretab/store';
import type { Account } from '../account/account';

/** Whether a person is merged, and what an unmerge has to bring back. */
export interface MergeRow {
  /** Who is merged. */
  readonly personId: string;
  readonly survivorId: string;
  readonly mergeId: string;
  /** Of the last message; 0: of none. */
  readonly revision: number;
  readonly merged: boolean;
  /** The status of the person's own account; null: there was none. */
  readonly statusBefore: Account['status'] | null;
  /** The survivor's line was frozen for what came with the person. */
  readonly frozeSurvivor: boolean;
}

export const mergeTable = table<MergeRow>({
  name: 'person_merge',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    survivorId: textColumn('survivor_id'),
    mergeId: textColumn('merge_id'),
    revision: integerColumn(),
    merged: booleanColumn(),
    statusBefore: textColumn('status_before', { nullable: true }),
    frozeSurvivor: booleanColumn('froze_survivor'),
  },
});

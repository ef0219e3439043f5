import { table, textColumn } from '@caretab/store';

/** Whom identity ever appointed for a child: a visit may be bound before a guardian changes. */
export interface GuardianRow {
  readonly personId: string;
  readonly guardianId: string;
}

export const guardianTable = table<GuardianRow>({
  name: 'guardian',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    guardianId: textColumn('guardian_id', { primary: true }),
  },
});

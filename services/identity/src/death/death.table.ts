import {
  booleanColumn,
  bytesColumn,
  instantColumn,
  integerColumn,
  table,
  textColumn,
} from '@caretab/store';

/** Evidence, only ever added: the database refuses a change. The last one of a person counts. */
export interface DeathRow {
  readonly personId: string;
  /** 1, 2, 3 … per person: of two messages the higher is the later. */
  readonly revision: number;
  /** false: taken back. */
  readonly died: boolean;
  /** The day, sealed with the person's key; null where it was taken back. */
  readonly sealedDay: Buffer | null;
  readonly paper: string;
  readonly recordedBy: string;
  readonly approvedBy: string;
  readonly at: Date;
}

export const deathTable = table<DeathRow>({
  name: 'death',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    revision: integerColumn('revision', { primary: true }),
    died: booleanColumn(),
    sealedDay: bytesColumn('sealed_day', { nullable: true }),
    paper: textColumn(),
    recordedBy: textColumn('recorded_by'),
    approvedBy: textColumn('approved_by'),
    at: instantColumn('at'),
  },
});

import { integerColumn, jsonColumn, table, textColumn } from '@caretab/store';

/** A file of one sender, by its content. */
export interface CardFileRow {
  readonly fileId: string;
  /** The last row that was judged. */
  readonly through: number;
  readonly rejected: number;
}

export const cardFileTable = table<CardFileRow>({
  name: 'card_file',
  columns: {
    fileId: textColumn('file_id', { primary: true }),
    through: integerColumn(),
    rejected: integerColumn(),
  },
});

/** Why a row was not taken. It repeats nothing that the row says. */
export interface CardFileReject {
  readonly row: number;
  readonly field: string;
  readonly code: string;
  readonly why: string;
  readonly whatToDo: string;
}

/** A part that was judged: by a keyed hash of its rows, and what of them was not taken. */
export interface CardFilePartRow {
  readonly fileId: string;
  readonly firstRow: number;
  readonly contentHash: string;
  readonly rejects: readonly CardFileReject[];
  /** How many these are. */
  readonly rejected: number;
}

export const cardFilePartTable = table<CardFilePartRow>({
  name: 'card_file_part',
  columns: {
    fileId: textColumn('file_id', { primary: true }),
    firstRow: integerColumn('first_row', { primary: true }),
    contentHash: textColumn('content_hash'),
    rejects: jsonColumn(),
    rejected: integerColumn(),
  },
});

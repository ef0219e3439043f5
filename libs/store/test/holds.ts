import {
  bytesColumn,
  fenColumn,
  instantColumn,
  jsonColumn,
  table,
  textColumn,
} from '../src/tables';

export interface Hold {
  readonly visitId: string;
  readonly line: number;
  readonly amountFen: number;
  readonly status: string;
  readonly reference: string | null;
  readonly expiresAt: Date;
  readonly reasons: readonly string[];
  readonly seal: Buffer | null;
}

/** A table with every kind of column, for both stores. */
export const holdsTable = table<Hold>({
  name: 'holds',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    line: fenColumn(undefined, { primary: true }),
    amountFen: fenColumn('amount_fen'),
    status: textColumn(),
    reference: textColumn(undefined, { nullable: true }),
    expiresAt: instantColumn('expires_at'),
    reasons: jsonColumn(),
    seal: bytesColumn(undefined, { nullable: true }),
  },
  uniques: [['reference']],
  owners: { institution: 'status', person: 'reference' },
});

/** Hangs on a hold: it is whose that is. */
export interface HoldNote {
  readonly noteId: string;
  readonly visitId: string;
  readonly line: number;
}

export const holdNotesTable = table<HoldNote>({
  name: 'hold_notes',
  columns: {
    noteId: textColumn('note_id', { primary: true }),
    visitId: textColumn('of_visit'),
    line: fenColumn(undefined),
  },
  hangsOn: { table: holdsTable, by: ['visitId', 'line'] },
});

/** Hangs on what hangs on something. */
export const noteWordsTable = table<{ readonly wordId: string; readonly noteId: string }>({
  name: 'note_words',
  columns: { wordId: textColumn('word_id', { primary: true }), noteId: textColumn('note_id') },
  hangsOn: { table: holdNotesTable, by: ['noteId'] },
});

export interface Part {
  readonly partId: string;
  readonly party: string;
  readonly partyId: string;
  readonly coverage: { readonly plans: readonly { readonly payerId: string }[] };
}

/** A table whose rows say in other ways whose they are. */
export const partsTable = table<Part>({
  name: 'parts',
  columns: {
    partId: textColumn('part_id', { primary: true }),
    party: textColumn(),
    partyId: textColumn('party_id'),
    coverage: jsonColumn(),
  },
  owners: {
    institution: { field: 'partyId', where: 'party', is: 'institution' },
    payer: { field: 'coverage', list: 'plans', entry: 'payerId' },
    plan: 'partId',
  },
});

export const hold = (visitId: string, changes: Partial<Hold> = {}): Hold => ({
  visitId,
  line: 1,
  amountFen: 5_000,
  status: 'held',
  reference: null,
  expiresAt: new Date('2026-03-02T08:00:00.123Z'),
  reasons: [],
  seal: null,
  ...changes,
});

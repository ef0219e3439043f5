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

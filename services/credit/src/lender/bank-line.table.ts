import {
  booleanColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';

/** What a person may take back that a bank has to know of. */
export type BankMatter = 'bank' | 'debit-mandate';

/** What a bank granted a person: their line is no larger with it, whatever the policy says. */
export interface BankLine {
  readonly lineId: string;
  readonly personId: string;
  readonly lenderId: string;
  /** `asked`: the bank has not answered yet · `ended`: it granted one, and took it back. */
  readonly state: 'asked' | 'granted' | 'refused' | 'ended';
  /** As the bank last said. */
  readonly lineFen: number;
  /** For how much it was asked last. */
  readonly askedFen: number;
  /** How many orders the bank was given; the last one's number. */
  readonly orders: number;
  /** The last order is not answered yet: it is asked again as it was. */
  readonly isOut: boolean;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly lease: number;
  /** When the bank last said something, by itself or asked: an earlier word counts no more. */
  readonly saidAt: Date | null;
  /** What the person has taken back, as the bank last confirmed it: the whole. */
  readonly toldRevoked: readonly BankMatter[];
  /** The same, as the bank is informed of it and has not confirmed; null: no such order is out. */
  readonly outRevoked: readonly BankMatter[] | null;
}

export const bankLineTable = table<BankLine>({
  name: 'bank_line',
  columns: {
    lineId: textColumn('line_id', { primary: true }),
    personId: textColumn('person_id'),
    lenderId: textColumn('lender_id'),
    state: textColumn(),
    lineFen: fenColumn('line_fen'),
    askedFen: fenColumn('asked_fen'),
    orders: integerColumn(),
    isOut: booleanColumn('is_out'),
    attempts: integerColumn(),
    nextAttemptAt: instantColumn('next_attempt_at', { nullable: true }),
    lease: integerColumn(),
    saidAt: instantColumn('said_at', { nullable: true }),
    toldRevoked: jsonColumn('told_revoked'),
    outRevoked: jsonColumn('out_revoked', { nullable: true }),
  },
  owners: { person: 'personId' },
});

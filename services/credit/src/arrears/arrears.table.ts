import { fenColumn, instantColumn, integerColumn, table, textColumn } from '@caretab/store';

/** A due whose collection finally failed, until it is paid. One for each visit. */
export interface ArrearsRow {
  readonly visitId: string;
  /** On whose line it is owed. */
  readonly accountPersonId: string;
  /** Who owes it while a merge has it on the survivor's line; null: whose line it is on. */
  readonly mergedPersonId: string | null;
  readonly owedFen: number;
  /** When its collection finally failed. */
  readonly since: Date;
  /** How many reminders are out. */
  readonly reminders: number;
  /** When there is something to do next; null: nothing more. */
  readonly nextAt: Date | null;
  readonly announcedAt: Date | null;
  readonly reportedAt: Date | null;
  readonly objection: 'open' | 'stands' | 'upheld' | null;
  readonly ground: ObjectionGround | null;
  readonly objectedAt: Date | null;
  readonly objectedBy: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly why: string | null;
  /** From then on the person is reminded no more. */
  readonly writtenOffAt: Date | null;
  readonly endedAt: Date | null;
}

/** An objection holds no text of the citizen's. */
export type ObjectionGround = 'NOT_MINE' | 'PAID' | 'AMOUNT_WRONG' | 'HARDSHIP' | 'OTHER';

export const arrearsTable = table<ArrearsRow>({
  name: 'arrears',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    accountPersonId: textColumn('account_person_id'),
    mergedPersonId: textColumn('merged_person_id', { nullable: true }),
    owedFen: fenColumn('owed_fen'),
    since: instantColumn(),
    reminders: integerColumn(),
    nextAt: instantColumn('next_at', { nullable: true }),
    announcedAt: instantColumn('announced_at', { nullable: true }),
    reportedAt: instantColumn('reported_at', { nullable: true }),
    objection: textColumn(undefined, { nullable: true }),
    ground: textColumn(undefined, { nullable: true }),
    objectedAt: instantColumn('objected_at', { nullable: true }),
    objectedBy: textColumn('objected_by', { nullable: true }),
    decidedBy: textColumn('decided_by', { nullable: true }),
    decidedAt: instantColumn('decided_at', { nullable: true }),
    why: textColumn(undefined, { nullable: true }),
    writtenOffAt: instantColumn('written_off_at', { nullable: true }),
    endedAt: instantColumn('ended_at', { nullable: true }),
  },
  owners: { person: 'accountPersonId' },
});

/** What the credit authority is given, for ever: a default, or that one is taken back. */
export interface DefaultReportRow {
  readonly reportId: string;
  readonly visitId: string;
  readonly personId: string;
  readonly kind: 'reported' | 'taken-back';
  /** Of `taken-back`. */
  readonly reason: 'PAID' | 'OBJECTION_UPHELD' | null;
  readonly owedFen: number;
  readonly since: Date;
  /** Defaults in a row of the person, this one included; 0 of `taken-back`. */
  readonly consecutive: number;
  readonly at: Date;
}

export const defaultReportTable = table<DefaultReportRow>({
  name: 'default_report',
  columns: {
    reportId: textColumn('report_id', { primary: true }),
    visitId: textColumn('visit_id'),
    personId: textColumn('person_id'),
    kind: textColumn(),
    reason: textColumn(undefined, { nullable: true }),
    owedFen: fenColumn('owed_fen'),
    since: instantColumn(),
    consecutive: integerColumn(),
    at: instantColumn('at'),
  },
});

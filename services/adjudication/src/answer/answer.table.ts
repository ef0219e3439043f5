import type { SettlementState } from '@caretab/contracts';
import {
  dateColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';
import type { Standing } from './standing';

/** How each posted settlement stands between its insurer and its hospital. */
export interface StandingRow extends Standing {
  readonly settlementId: string;
  readonly payerId: string;
  readonly planId: string;
  readonly claimId: string;
  readonly visitId: string;
  readonly institutionId: string;
  readonly revision: number;
  readonly settledAt: Date;
  readonly state: SettlementState;
  /** Answers and replies so far: the next one's place. */
  readonly answers: number;
  readonly answeredAt: Date | null;
}

export const standingTable = table<StandingRow>({
  name: 'settlement_standing',
  columns: {
    settlementId: textColumn('settlement_id', { primary: true }),
    payerId: textColumn('payer_id'),
    planId: textColumn('plan_id'),
    claimId: textColumn('claim_id'),
    visitId: textColumn('visit_id'),
    institutionId: textColumn('institution_id'),
    revision: integerColumn(),
    settledAt: instantColumn('settled_at'),
    state: textColumn(),
    postedFen: fenColumn('posted_fen'),
    deductedFen: fenColumn('deducted_fen'),
    remittedFen: fenColumn('remitted_fen'),
    answers: integerColumn(),
    answeredAt: instantColumn('answered_at', { nullable: true }),
  },
  owners: { payer: 'payerId', institution: 'institutionId' },
});

/** One answer of an insurer, or reply of a hospital; never changed. */
export interface AnswerRow {
  readonly settlementId: string;
  readonly by: 'insurer' | 'hospital';
  readonly answerId: string;
  readonly place: number;
  readonly answer: object;
  /** A repetition has the same, a conflict another. */
  readonly contentHash: string;
  readonly givenBy: string;
  readonly givenAt: Date;
}

export const answerTable = table<AnswerRow>({
  name: 'settlement_answer',
  columns: {
    settlementId: textColumn('settlement_id', { primary: true }),
    by: textColumn('by_side', { primary: true }),
    answerId: textColumn('answer_id', { primary: true }),
    place: integerColumn(),
    answer: jsonColumn(),
    contentHash: textColumn('content_hash'),
    givenBy: textColumn('given_by'),
    givenAt: instantColumn('given_at'),
  },
  hangsOn: { table: standingTable, by: ['settlementId'] },
});

/**
 * What an insurer takes off a settlement: the hospital is paid so much less. It never changes the
 * claim, and never what the citizen owes. A later verdict, or revision, ends it.
 */
export interface DeductionRow {
  readonly deductionId: string;
  readonly settlementId: string;
  readonly payerId: string;
  readonly planId: string;
  readonly institutionId: string;
  readonly visitId: string;
  readonly revision: number;
  /** The line it is off; null: the whole settlement. */
  readonly chargeId: string | null;
  readonly amountFen: number;
  readonly reason: string;
  /** The business day (Asia/Shanghai) on which it was answered. */
  readonly businessDate: string;
  readonly endedAt: Date | null;
}

export const deductionTable = table<DeductionRow>({
  name: 'deduction',
  columns: {
    deductionId: textColumn('deduction_id', { primary: true }),
    settlementId: textColumn('settlement_id'),
    payerId: textColumn('payer_id'),
    planId: textColumn('plan_id'),
    institutionId: textColumn('institution_id'),
    visitId: textColumn('visit_id'),
    revision: integerColumn(),
    chargeId: textColumn('charge_id', { nullable: true }),
    amountFen: fenColumn('amount_fen'),
    reason: textColumn(),
    businessDate: dateColumn('business_date'),
    endedAt: instantColumn('ended_at', { nullable: true }),
  },
  owners: { payer: 'payerId', institution: 'institutionId' },
});

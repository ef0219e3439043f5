import type { PlanPart, PlanStep, ScopeTotals } from '@caretab/benefits';
import type { Coverage, ClaimLineResult } from '@caretab/contracts';
import type { Verdict } from '@caretab/plans';
import {
  fenColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';
import type { Effect } from './accumulators';
import type { ClaimCause, ClaimInputs } from './claim-basis';

/** One verdict on a visit; a later revision stands beside the earlier one and takes its place. */
export interface ClaimRow {
  readonly visitId: string;
  readonly revision: number;
  readonly claimId: string;
  readonly personId: string;
  readonly institutionId: string;
  /** Hash of the closed visit as published: it distinguishes a repetition from a conflict. */
  readonly contentHash: string;
  /** With the accumulators as they stood when it was settled. */
  readonly coverage: Coverage;
  readonly totals: ScopeTotals;
  readonly payers: readonly PlanPart[];
  readonly steps: readonly PlanStep[];
  readonly patientDueFen: number;
  /** What it added to accumulators and accounts, to be taken back by a later revision. */
  readonly effects: readonly Effect[];
  readonly adjudicatedAt: Date;
  /** In the plan language, for its explanation; of earlier releases' claims null. */
  readonly verdict: Verdict | null;
  /** What the verdict stood on: its place in the year; of earlier releases' claims null. */
  readonly inputs: ClaimInputs | null;
  /** Why it was settled again; of a first settlement null. */
  readonly cause: ClaimCause | null;
}

export const claimTable = table<ClaimRow>({
  name: 'claim',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    revision: integerColumn(undefined, { primary: true }),
    claimId: textColumn('claim_id'),
    personId: textColumn('person_id'),
    institutionId: textColumn('institution_id'),
    contentHash: textColumn('content_hash'),
    coverage: jsonColumn(),
    totals: jsonColumn(),
    payers: jsonColumn(),
    steps: jsonColumn(),
    patientDueFen: fenColumn('patient_due_fen'),
    effects: jsonColumn(),
    adjudicatedAt: instantColumn('adjudicated_at'),
    verdict: jsonColumn(undefined, { nullable: true }),
    inputs: jsonColumn(undefined, { nullable: true }),
    cause: jsonColumn(undefined, { nullable: true }),
  },
  owners: {
    ...{ institution: 'institutionId', person: 'personId' },
    // Whose plan bears nothing of it is in no `payers`, and stays in each revision's coverage.
    payer: { field: 'coverage', list: 'plans', entry: 'payerId' },
  },
});

export interface ClaimLineRow extends Omit<ClaimLineResult, 'reasons'> {
  readonly visitId: string;
  readonly revision: number;
  /** Place in the claim, from 0. */
  readonly place: number;
  readonly reasons: readonly string[];
  /** As its hospital reported it; of lines of earlier releases null. */
  readonly quantity: string | null;
  readonly occurredAt: string | null;
}

export const claimLineTable = table<ClaimLineRow>({
  name: 'claim_line',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    revision: integerColumn(undefined, { primary: true }),
    place: integerColumn(undefined, { primary: true }),
    chargeId: textColumn('charge_id'),
    itemCode: textColumn('item_code'),
    category: textColumn(),
    amountFen: fenColumn('amount_fen'),
    ownExpenseFen: fenColumn('own_expense_fen'),
    overLimitFen: fenColumn('over_limit_fen'),
    firstSelfPayFen: fenColumn('first_self_pay_fen'),
    inScopeFen: fenColumn('in_scope_fen'),
    payersFen: fenColumn('payers_fen'),
    patientFen: fenColumn('patient_fen'),
    reasons: jsonColumn(),
    quantity: textColumn(undefined, { nullable: true }),
    occurredAt: textColumn('occurred_at', { nullable: true }),
  },
  hangsOn: { table: claimTable, by: ['visitId', 'revision'] },
});

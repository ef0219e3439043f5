import {
  bigintColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  table,
  textColumn,
} from '@caretab/store';
import { enrolmentTable } from '../enrolment/enrolment.table';
import type { Account, Entry } from './account';

export const accountTable = table<Account>({
  name: 'account',
  columns: {
    accountPersonId: textColumn('account_person_id', { primary: true }),
    status: textColumn(),
    mergedInto: textColumn('merged_into', { nullable: true }),
    score: integerColumn(),
    policyId: textColumn('policy_id'),
    scoreExpiresAt: instantColumn('score_expires_at', { nullable: true }),
    lineFen: fenColumn('line_fen'),
    heldFen: fenColumn('held_fen'),
    outstandingFen: fenColumn('outstanding_fen'),
    overLineFen: fenColumn('over_line_fen'),
    frozenReason: textColumn('frozen_reason', { nullable: true }),
    openedAt: instantColumn('opened_at'),
    closedAt: instantColumn('closed_at', { nullable: true }),
    entryCount: bigintColumn('entry_count'),
  },
  hangsOn: { table: enrolmentTable, by: ['accountPersonId'] },
});

/** Append-only: only ever inserted here, and the database refuses anything else. */
export const entryTable = table<Entry>({
  name: 'entry',
  columns: {
    accountPersonId: textColumn('account_person_id', { primary: true }),
    sequence: bigintColumn('sequence', { primary: true }),
    kind: textColumn(),
    visitId: textColumn('visit_id', { nullable: true }),
    heldFen: fenColumn('held_fen'),
    outstandingFen: fenColumn('outstanding_fen'),
    heldAfterFen: fenColumn('held_after_fen'),
    outstandingAfterFen: fenColumn('outstanding_after_fen'),
    lineFen: fenColumn('line_fen'),
    note: textColumn('note', { nullable: true }),
    causeId: textColumn('cause_id'),
    recordedAt: instantColumn('recorded_at'),
  },
  hangsOn: { table: accountTable, by: ['accountPersonId'] },
});

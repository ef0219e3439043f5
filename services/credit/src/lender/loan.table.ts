import { fenColumn, instantColumn, integerColumn, table, textColumn } from '@caretab/store';
import type { Loan } from './loan';

export const loanTable = table<Loan>({
  name: 'loan',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    personId: textColumn('person_id'),
    accountPersonId: textColumn('account_person_id'),
    lenderId: textColumn('lender_id'),
    wantedState: textColumn('wanted_state'),
    wantedFen: fenColumn('wanted_fen'),
    state: textColumn(),
    amountFen: fenColumn('amount_fen'),
    orders: integerColumn(),
    orderKind: textColumn('order_kind', { nullable: true }),
    orderFen: fenColumn('order_fen'),
    asks: textColumn(undefined, { nullable: true }),
    requestId: textColumn('request_id', { nullable: true }),
    beforeFen: fenColumn('before_fen'),
    askedSince: instantColumn('asked_since'),
    causationId: textColumn('causation_id'),
    traceparent: textColumn(undefined, { nullable: true }),
    attempts: integerColumn(),
    nextAttemptAt: instantColumn('next_attempt_at', { nullable: true }),
    lease: integerColumn(),
    repaidFen: fenColumn('repaid_fen'),
    overdueSince: instantColumn('overdue_since', { nullable: true }),
    difference: textColumn(undefined, { nullable: true }),
    differsSince: instantColumn('differs_since', { nullable: true }),
  },
  owners: { person: 'personId' },
});

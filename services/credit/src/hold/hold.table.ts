import {
  dateColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  table,
  textColumn,
} from '@caretab/store';
import type { Hold } from './hold';

export const holdTable = table<Hold>({
  name: 'hold',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    personId: textColumn('person_id'),
    accountPersonId: textColumn('account_person_id'),
    mergedPersonId: textColumn('merged_person_id', { nullable: true }),
    visitClass: textColumn('visit_class'),
    status: textColumn(),
    declinedReason: textColumn('declined_reason', { nullable: true }),
    heldFen: fenColumn('held_fen'),
    revision: integerColumn(),
    dueFen: fenColumn('due_fen'),
    outstandingFen: fenColumn('outstanding_fen'),
    paidFen: fenColumn('paid_fen'),
    writtenOffFen: fenColumn('written_off_fen'),
    overLineFen: fenColumn('over_line_fen'),
    expiresAt: instantColumn('expires_at', { nullable: true }),
    expiredAt: instantColumn('expired_at', { nullable: true }),
    missedAt: instantColumn('missed_at', { nullable: true }),
    overdueSince: instantColumn('overdue_since', { nullable: true }),
    openedOn: dateColumn('opened_on', { nullable: true }),
    lenderId: textColumn('lender_id', { nullable: true }),
  },
});

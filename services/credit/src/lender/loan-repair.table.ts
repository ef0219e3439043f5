import { instantColumn, table, textColumn } from '@caretab/store';

/** What two persons decide where a bank and the mirror of its loan are not one. */
export type LoanRepair = 'ask-again' | 'done-by-bank' | 'noted';

/** Only ever added. */
export interface LoanRepairRow {
  readonly repairId: string;
  readonly visitId: string;
  readonly lenderId: string;
  readonly difference: string;
  readonly differsSince: Date;
  readonly repair: LoanRepair;
  readonly evidence: string;
  readonly declaredBy: string;
  readonly approvedBy: string;
  readonly at: Date;
}

export const loanRepairTable = table<LoanRepairRow>({
  name: 'loan_repair',
  columns: {
    repairId: textColumn('repair_id', { primary: true }),
    visitId: textColumn('visit_id'),
    lenderId: textColumn('lender_id'),
    difference: textColumn(),
    differsSince: instantColumn('differs_since'),
    repair: textColumn(),
    evidence: textColumn(),
    declaredBy: textColumn('declared_by'),
    approvedBy: textColumn('approved_by'),
    at: instantColumn(),
  },
});

import { begunErasureTable } from '@caretab/bus';
import { creditAccounts, creditAuthorizations, creditErasures } from '@caretab/contracts';
import type { ServiceDefinition } from '@caretab/host';
import { accountTable, entryTable } from './account/account.table';
import { creditModule } from './app.module';
import { appealTable } from './appeal/appeal.table';
import { arrearsTable, defaultReportTable } from './arrears/arrears.table';
import { CreditConfig } from './config';
import { enrolmentTable, subjectTable } from './enrolment/enrolment.table';
import { holdTable } from './hold/hold.table';
import { mergeTable } from './merge/merge.table';
import { Credit1700000000001 } from './migrations/credit-1';
import { Credit1700000000002 } from './migrations/credit-2';
import { Credit1700000000003 } from './migrations/credit-3';
import { Credit1700000000004 } from './migrations/credit-4';
import { Credit1700000000007 } from './migrations/credit-7';
import { Credit1700000000008 } from './migrations/credit-8';
import { Credit1700000000009 } from './migrations/credit-9';
import { Credit1700000000010 } from './migrations/credit-10';
import { Credit1700000000011 } from './migrations/credit-11';
import { Credit1700000000012 } from './migrations/credit-12';
import { Credit1700000000013 } from './migrations/credit-13';
import { Credit1700000000014 } from './migrations/credit-14';
import { Credit1700000000015 } from './migrations/credit-15';
import { Credit1700000000016 } from './migrations/credit-16';
import { Credit1700000000017 } from './migrations/credit-17';
import { Credit1700000000022 } from './migrations/credit-22';
import { Credit1700000000020 } from './migrations/credit-20';
import { Credit1700000000024 } from './migrations/credit-24';
import { Credit1700000000028 } from './migrations/credit-28';
import { Credit1700000000032 } from './migrations/credit-32';
import { loanRepairTable } from './lender/loan-repair.table';
import { bankLineTable } from './lender/bank-line.table';
import { visitConfirmationTable } from './confirmation/confirmation.table';
import { Credit1700000000030 } from './migrations/credit-30';
import { Credit1700000000026 } from './migrations/credit-26';
import { loanTable } from './lender/loan.table';
import { linePolicyTable } from './policy/policy.table';
import { scoreQueryTable } from './score/score-query.table';
import { scoreTable } from './score/score.table';

/** Lines of credit: who has one, what is held on it, what is owed. */
export const credit: ServiceDefinition<typeof CreditConfig> = {
  name: 'credit',
  config: CreditConfig,
  tables: [
    begunErasureTable,
    accountTable,
    entryTable,
    enrolmentTable,
    scoreTable,
    scoreQueryTable,
    subjectTable,
    holdTable,
    loanTable,
    bankLineTable,
    loanRepairTable,
    visitConfirmationTable,
    linePolicyTable,
    appealTable,
    arrearsTable,
    defaultReportTable,
    mergeTable,
  ],
  migrations: [
    Credit1700000000001,
    Credit1700000000002,
    Credit1700000000003,
    Credit1700000000004,
    Credit1700000000007,
    Credit1700000000008,
    Credit1700000000009,
    Credit1700000000010,
    Credit1700000000011,
    Credit1700000000012,
    Credit1700000000013,
    Credit1700000000014,
    Credit1700000000015,
    Credit1700000000016,
    Credit1700000000017,
    Credit1700000000022,
    Credit1700000000020,
    Credit1700000000024,
    Credit1700000000028,
    Credit1700000000030,
    Credit1700000000026,
    Credit1700000000032,
  ],
  book: entryTable,
  publishes: [creditAuthorizations, creditAccounts, creditErasures],
  module: creditModule,
};

import { begunErasureTable } from '@caretab/bus';
import { paymentClearing, paymentErasures, paymentPayments } from '@caretab/contracts';
import { differenceTable, givenSealingKeys, type ServiceDefinition } from '@caretab/host';
import { boundAccountTable } from './account/bound-account.table';
import { mandateTable } from './account/mandate.table';
import { paymentModule } from './app.module';
import { caseTable } from './case/case.table';
import { clearingLineTable, clearingTable } from './clearing/clearing.table';
import { payoutTable } from './clearing/payout.table';
import { collectionTable, insurerPartTable } from './collection/collection.table';
import { captureTable, channelReferenceTable, orderTable } from './collection/order.table';
import { settlementTable } from './collection/settlement.table';
import { PaymentConfig } from './config';
import { journalEntryTable } from './journal/journal-entry.table';
import { Payment1750000000000 } from './migrations/payment-1';
import { Payment1750000001000 } from './migrations/payment-2';
import { Payment1750000002000 } from './migrations/payment-3';
import { Payment1750000003000 } from './migrations/payment-4';
import { Payment1750000004000 } from './migrations/payment-5';
import { Payment1750000005000 } from './migrations/payment-6';
import { Payment1750000006000 } from './migrations/payment-7';
import { Payment1750000007000 } from './migrations/payment-8';
import { Payment1750000008000 } from './migrations/payment-9';
import { Payment1750000009000 } from './migrations/payment-10';
import { Payment1750000010000 } from './migrations/payment-11';
import { Payment1750000013000 } from './migrations/payment-14';
import { Payment1750000014000 } from './migrations/payment-15';
import { Payment1750000015000 } from './migrations/payment-16';
import { Payment1750000016000 } from './migrations/payment-17';
import { Payment1750000017000 } from './migrations/payment-18';
import { Payment1750000018000 } from './migrations/payment-19';
import { Payment1750000019000 } from './migrations/payment-20';
import { Payment1750000022000 } from './migrations/payment-22';
import { Payment1750000027000 } from './migrations/payment-27';
import { Payment1750000030000 } from './migrations/payment-30';
import { Payment1750000035000 } from './migrations/payment-35';
import { Payment1750000036000 } from './migrations/payment-36';
import { Payment1750000037000 } from './migrations/payment-37';
import { bankEntryTable, bankReportTable } from './payout/bank-report.table';
import { clearingFlowTable } from './payout/clearing-flow.table';
import { hospitalAccountTable } from './payout/hospital-account.table';
import { payoutFileTable, payoutInstructionTable } from './payout/payout-file.table';
import { reconciliationTable } from './reconciliation/reconciliation.table';
import { statementRowTable } from './reconciliation/statement-row.table';
import { receiptTable, shiftTable } from './counter/counter.table';
import { refundTable } from './refund/refund.table';
import { writeOffTable } from './write-off/write-off.table';

export { type KeyDifference } from './reconciliation/files/key-totals';
export {
  compareFiles,
  type FilesCompared,
  type RowFile,
} from './reconciliation/files/row-files.adapter';

export const payment: ServiceDefinition<typeof PaymentConfig> = {
  name: 'payment',
  config: PaymentConfig,
  knownKeys: ({ PAYMENT_TOKEN_KEY }) => [givenSealingKeys('PAYMENT_TOKEN_KEY', PAYMENT_TOKEN_KEY)],
  tables: [
    boundAccountTable,
    mandateTable,
    collectionTable,
    insurerPartTable,
    settlementTable,
    orderTable,
    captureTable,
    channelReferenceTable,
    refundTable,
    caseTable,
    journalEntryTable,
    clearingTable,
    clearingLineTable,
    differenceTable,
    reconciliationTable,
    statementRowTable,
    payoutTable,
    clearingFlowTable,
    hospitalAccountTable,
    payoutFileTable,
    payoutInstructionTable,
    bankReportTable,
    bankEntryTable,
    writeOffTable,
    shiftTable,
    receiptTable,
    begunErasureTable,
  ],
  migrations: [
    Payment1750000000000,
    Payment1750000001000,
    Payment1750000002000,
    Payment1750000003000,
    Payment1750000004000,
    Payment1750000005000,
    Payment1750000006000,
    Payment1750000007000,
    Payment1750000008000,
    Payment1750000009000,
    Payment1750000010000,
    Payment1750000013000,
    Payment1750000014000,
    Payment1750000015000,
    Payment1750000016000,
    Payment1750000017000,
    Payment1750000018000,
    Payment1750000019000,
    Payment1750000022000,
    Payment1750000027000,
    Payment1750000030000,
    Payment1750000035000,
    Payment1750000036000,
    Payment1750000037000,
  ],
  book: journalEntryTable,
  publishes: [paymentPayments, paymentClearing, paymentErasures],
  module: paymentModule,
};

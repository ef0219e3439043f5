import {
  dateColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  table,
  textColumn,
} from '@caretab/store';

/**
 * `prepared`: waits for two persons · `released`: is to be sent · `sending`: the outcome is not known
 * · `taken`: the bank has it · `refused`: by the bank, whole · `discarded`: before its release.
 */
export type PayoutFileStatus =
  'prepared' | 'released' | 'sending' | 'taken' | 'refused' | 'discarded';

/** A file of instructions for the bank. */
export interface PayoutFileRow {
  readonly messageId: string;
  /** SHA-256 of the content, in hex. */
  readonly contentHash: string;
  /** pain.001, sealed: it has account numbers. */
  readonly sealedContent: string;
  readonly controlSumFen: number;
  readonly instructions: number;
  readonly status: PayoutFileStatus;
  readonly reason: string | null;
  readonly preparedBy: string;
  readonly preparedAt: Date;
  readonly releasedBy: string | null;
  readonly approvedBy: string | null;
  readonly releasedAt: Date | null;
  /** How often it was sent or asked for. */
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
}

export const payoutFileTable = table<PayoutFileRow>({
  name: 'payout_file',
  columns: {
    messageId: textColumn('message_id', { primary: true }),
    contentHash: textColumn('content_hash'),
    sealedContent: textColumn('sealed_content'),
    controlSumFen: fenColumn('control_sum_fen'),
    instructions: integerColumn(),
    status: textColumn(),
    reason: textColumn(undefined, { nullable: true }),
    preparedBy: textColumn('prepared_by'),
    preparedAt: instantColumn('prepared_at'),
    releasedBy: textColumn('released_by', { nullable: true }),
    approvedBy: textColumn('approved_by', { nullable: true }),
    releasedAt: instantColumn('released_at', { nullable: true }),
    attempts: integerColumn(),
    nextAttemptAt: instantColumn('next_attempt_at', { nullable: true }),
  },
});

/**
 * `instructed`: the bank has said nothing of it · `pending` and `accepted`: by the bank, no money has
 * moved · `paid`: the bank's line is in · `rejected`, `returned`, `discarded`: it is payable again.
 */
export type InstructionStatus =
  'instructed' | 'pending' | 'accepted' | 'paid' | 'rejected' | 'returned' | 'discarded';

/** What one hospital is paid by one file. */
export interface PayoutInstructionRow {
  /** The end-to-end id. */
  readonly instructionId: string;
  readonly messageId: string;
  readonly institutionId: string;
  readonly amountFen: number;
  /** Which of the hospital's accounts. */
  readonly accountNumber: number;
  readonly status: InstructionStatus;
  readonly reason: string | null;
  /** The line of the bank that paid it, or brought it back. */
  readonly bankReference: string | null;
  readonly valueDate: string | null;
  readonly changedAt: Date;
}

export const payoutInstructionTable = table<PayoutInstructionRow>({
  name: 'payout_instruction',
  columns: {
    instructionId: textColumn('instruction_id', { primary: true }),
    messageId: textColumn('message_id'),
    institutionId: textColumn('institution_id'),
    amountFen: fenColumn('amount_fen'),
    accountNumber: integerColumn('account_number'),
    status: textColumn(),
    reason: textColumn(undefined, { nullable: true }),
    bankReference: textColumn('bank_reference', { nullable: true }),
    valueDate: dateColumn('value_date', { nullable: true }),
    changedAt: instantColumn('changed_at'),
  },
});

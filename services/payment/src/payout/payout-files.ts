import { createHash } from 'node:crypto';
import { businessDateOf } from '@caretab/contracts';
import { assert, type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { TokenVault } from '../account/token-vault';
import { type ClearingFlowRow, clearingFlowTable } from './clearing-flow.table';
import type { HospitalAccounts } from './hospital-accounts';
import { type CreditTransfer, pain001 } from './iso20022/pain001';
import {
  type PayoutFileRow,
  payoutFileTable,
  type PayoutInstructionRow,
  payoutInstructionTable,
} from './payout-file.table';
import type { PayoutPolicy } from './payout-policy';

export type ShownFile = Omit<PayoutFileRow, 'sealedContent' | 'attempts' | 'nextAttemptAt'>;

export interface FileWithInstructions {
  readonly file: ShownFile;
  readonly instructions: readonly PayoutInstructionRow[];
}

export interface PreparedFile extends FileWithInstructions {
  /** Hospitals that are owed something and have no account. */
  readonly withoutAccount: readonly string[];
}

/** What two persons release: the content by its hash, and its sum. */
export interface Released {
  readonly contentHash: string;
  readonly controlSumFen: number;
  readonly declaredBy: string;
  readonly approvedBy: string;
}

/** Amounts that one file takes, the oldest clearings first; the rest are the next one's. */
const FLOWS_MAX = 5000;
const INSTRUCTIONS_MAX = 1000;
const PAGE_ROWS = 100;

export const hashOf = (content: string): string =>
  createHash('sha256').update(content, 'utf8').digest('hex');
export const contentOwnerOf = (messageId: string): string => `payout-file ${messageId}`;
/** 32 letters and digits: ids of files have at most 35. */
const shortId = (...parts: readonly string[]): string => derivedId(...parts).replaceAll('-', '');

export const shownFile = ({
  sealedContent: _,
  attempts: __,
  nextAttemptAt: ___,
  ...file
}: PayoutFileRow): ShownFile => file;

/** What is pooled and payable becomes a file of instructions, which two persons release. */
export class PayoutFiles {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly vault: TokenVault;
      readonly accounts: HospitalAccounts;
      readonly policy: PayoutPolicy;
      /** Whether there is a bank to send to. */
      readonly isConnected: boolean;
    },
  ) {}

  /**
   * Makes a file of all that is payable: one transfer for each hospital that is owed more than it
   * owes. What it takes is in no second one, unless the bank rejects or returns it. Throws
   * BANK_NOT_CONNECTED, NOTHING_TO_PAY_OUT (conflict).
   */
  prepare(preparedBy: string): Promise<PreparedFile> {
    const { settlementAccount } = this.parts.policy;
    if (!settlementAccount || !this.parts.isConnected)
      throw new DomainError('BANK_NOT_CONNECTED', 'conflict', {
        why: 'nothing is pooled: hospitals are paid directly, or no bank is connected',
        remedy: 'set PAYMENT_PAYOUT_FILE, PAYMENT_BANK_URL and PAYMENT_BANK_SECRET',
      });
    return this.parts.store.transact(async (transaction) => {
      const now = this.parts.clock.now();
      // Rows are written in the order of their tables' first use: a file before its instructions.
      const files = transaction.rows(payoutFileTable);
      const { transfers, rows, claims, withoutAccount } = await this.take(transaction, now);
      if (transfers.length === 0)
        throw new DomainError('NOTHING_TO_PAY_OUT', 'conflict', {
          withoutAccount,
          why: 'no hospital with an account is owed anything that is pooled',
          remedy: 'clear the day first; enter the accounts of hospitals that have none',
        });
      const messageId = shortId('payout-file', ...rows.map(({ instructionId }) => instructionId));
      const content = pain001({
        ...{ messageId, createdAt: now, executionDate: businessDateOf(now) },
        ...{ debtor: settlementAccount, transfers },
      });
      const file: PayoutFileRow = {
        ...{ messageId, contentHash: hashOf(content), status: 'prepared', reason: null },
        sealedContent: this.parts.vault.seal(content, contentOwnerOf(messageId)),
        controlSumFen: rows.reduce((sum, { amountFen }) => sum + amountFen, 0),
        instructions: rows.length,
        ...{ preparedBy, preparedAt: now, releasedBy: null, approvedBy: null, releasedAt: null },
        ...{ attempts: 0, nextAttemptAt: null },
      };
      const instructions = rows.map((row) => ({ ...row, messageId }));
      await files.insert(file);
      await transaction.rows(payoutInstructionTable).insert(...instructions);
      await transaction.rows(clearingFlowTable).save(...claims);
      return { file: shownFile(file), instructions, withoutAccount };
    });
  }

  /** Throws PAYOUT_FILE_UNKNOWN (not-found). */
  show(messageId: string): Promise<FileWithInstructions> {
    return this.parts.store.transact(async (transaction) =>
      withInstructions(transaction, await this.read(transaction, messageId)),
    );
  }

  /** A page of files, the latest first; `after` is `next` of the page before. */
  list(after?: { readonly preparedAt: Date; readonly messageId: string }): Promise<{
    readonly files: readonly ShownFile[];
    readonly next: { readonly preparedAt: Date; readonly messageId: string } | undefined;
  }> {
    return this.parts.store.transact(async (transaction) => {
      const { rows, next } = await transaction
        .rows(payoutFileTable)
        .page({}, { orderBy: 'preparedAt', descending: true, countMax: PAGE_ROWS, after });
      return {
        files: rows.map(shownFile),
        next: next && { preparedAt: next.preparedAt!, messageId: next.messageId! },
      };
    });
  }

  /**
   * Releases a prepared file, decided by two people who saw its hash and its sum; the same once more
   * changes nothing. Throws PAYOUT_FILE_UNKNOWN (not-found); PAYOUT_FILE_DIFFERS, PAYOUT_FILE_OVER
   * (conflict).
   */
  async release(messageId: string, given: Released): Promise<FileWithInstructions> {
    const { contentHash, controlSumFen, declaredBy, approvedBy } = given;
    assert(declaredBy !== approvedBy, 'two people release a file');
    return this.parts.store.transact(async (transaction) => {
      const file = await this.read(transaction, messageId, 'wait');
      if (file.contentHash !== contentHash || file.controlSumFen !== controlSumFen)
        throw new DomainError('PAYOUT_FILE_DIFFERS', 'conflict', {
          messageId,
          why: 'the file has another hash or sum',
          remedy: 'look at the file, and release what it has',
        });
      if (file.releasedAt !== null) return withInstructions(transaction, file);
      if (file.status !== 'prepared') throw over(file);
      const now = this.parts.clock.now();
      const released: PayoutFileRow = {
        ...{ ...file, status: 'released', releasedBy: declaredBy, approvedBy },
        ...{ releasedAt: now, nextAttemptAt: now },
      };
      await transaction.rows(payoutFileTable).save(released);
      return withInstructions(transaction, released);
    });
  }

  /**
   * Discards a file before its release: what it took is payable again. Throws PAYOUT_FILE_UNKNOWN
   * (not-found), PAYOUT_FILE_OVER (conflict).
   */
  discard(messageId: string): Promise<FileWithInstructions> {
    return this.parts.store.transact(async (transaction) => {
      const file = await this.read(transaction, messageId, 'wait');
      if (file.status === 'discarded') return withInstructions(transaction, file);
      if (file.status !== 'prepared') throw over(file);
      const discarded: PayoutFileRow = { ...file, status: 'discarded' };
      await transaction.rows(payoutFileTable).save(discarded);
      const { instructions } = await withInstructions(transaction, discarded);
      const changedAt = this.parts.clock.now();
      await transaction
        .rows(payoutInstructionTable)
        .save(...instructions.map((row) => ({ ...row, status: 'discarded' as const, changedAt })));
      await giveBack(
        transaction,
        instructions.map(({ instructionId }) => instructionId),
      );
      return withInstructions(transaction, discarded);
    });
  }

  private async take(transaction: Transaction, now: Date) {
    const flows = await transaction
      .rows(clearingFlowTable)
      .find(
        { way: 'pooled', instructionId: null },
        { orderBy: 'clearingId', countMax: FLOWS_MAX, lock: 'wait' },
      );
    const byHospital = new Map<string, ClearingFlowRow[]>();
    for (const flow of flows)
      byHospital.set(flow.institutionId, [...(byHospital.get(flow.institutionId) ?? []), flow]);
    const transfers: CreditTransfer[] = [];
    const rows: PayoutInstructionRow[] = [];
    const claims: ClearingFlowRow[] = [];
    const withoutAccount: string[] = [];
    for (const [institutionId, owed] of [...byHospital].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const amountFen = owed.reduce((sum, flow) => sum + flow.amountFen, 0);
      // What a hospital owes waits for what it is owed.
      if (amountFen <= 0 || rows.length >= INSTRUCTIONS_MAX) continue;
      const creditor = await this.parts.accounts.toPay(transaction, institutionId);
      if (!creditor) {
        withoutAccount.push(institutionId);
        continue;
      }
      const made = await transaction.rows(payoutInstructionTable).count({ institutionId });
      const instructionId = shortId('payout-instruction', institutionId, String(made + 1));
      transfers.push({
        ...{ endToEndId: instructionId, amountFen, creditor },
        remittance: `caretab/payout/${institutionId}/${instructionId}`,
      });
      rows.push({
        ...{ instructionId, messageId: '', institutionId, amountFen, changedAt: now },
        ...{ accountNumber: creditor.number, status: 'instructed', reason: null },
        ...{ bankReference: null, valueDate: null },
      });
      claims.push(...owed.map((flow) => ({ ...flow, instructionId })));
    }
    return { transfers, rows, claims, withoutAccount };
  }

  private async read(
    transaction: Transaction,
    messageId: string,
    lock?: 'wait',
  ): Promise<PayoutFileRow> {
    const file = await transaction
      .rows(payoutFileTable)
      .get({ messageId }, { ...(lock && { lock }) });
    if (!file) throw new DomainError('PAYOUT_FILE_UNKNOWN', 'not-found', { messageId });
    return file;
  }
}

const over = ({ messageId, status }: PayoutFileRow): DomainError =>
  new DomainError('PAYOUT_FILE_OVER', 'conflict', {
    ...{ messageId, status },
    why: 'only a file that waits for its release is released or discarded',
    remedy: 'look at the file; prepare another one for what is payable',
  });

const withInstructions = async (
  transaction: Transaction,
  file: PayoutFileRow,
): Promise<FileWithInstructions> => {
  const { messageId } = file;
  const instructions = await transaction
    .rows(payoutInstructionTable)
    .find({ messageId }, { orderBy: 'institutionId' });
  return { file: shownFile(file), instructions };
};

/** What instructions took is payable again. */
export const giveBack = (
  transaction: Transaction,
  instructionIds: readonly string[],
): Promise<void> =>
  transaction
    .rows(clearingFlowTable)
    .update({ instructionId: { in: instructionIds } }, { instructionId: null, settledFen: 0 });

import type { Clock } from '@caretab/kernel';
import { DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Logger } from '@caretab/telemetry';
import { openCase } from '../case/open-case';
import type { Calendars } from '../collection/policy';
import type { Bank, BankReport } from './bank';
import { bookLine, entryIdOf, openPayoutCase } from './bank-lines';
import type { Line } from './clearing-lines';
import { bankReportTable } from './bank-report.table';
import type { HospitalAccounts } from './hospital-accounts';
import { type BankEntry, statementParts, type StatementPart } from './iso20022/bank-statement';
import { type StatusOf, statusReportOf } from './iso20022/status-report';
import { XmlRefused } from './iso20022/xml-records';
import {
  payoutFileTable,
  type PayoutInstructionRow,
  payoutInstructionTable,
} from './payout-file.table';
import { giveBack } from './payout-files';

/** Movements that one transaction books. */
const PAGE_LINES = 200;
/** What of a hospital's own account is ours to match. */
const NAMES_A_SOURCE = 'caretab/';

/**
 * Reads what the bank lays ready, each report once and in its order: what it says of our files, and
 * the movements of accounts. A report that cannot be read is a case, and the next one is read.
 */
export class BankReports {
  private isFailing = false;

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly bank: Bank;
      readonly accounts: HospitalAccounts;
      readonly settlementAccount: string;
      readonly policy: Calendars;
      readonly logger: Pick<Logger, 'info' | 'warn'>;
    },
  ) {}

  /** Returns how many reports were read. */
  async runOnce(): Promise<number> {
    const { bank, logger } = this.parts;
    try {
      const last = await this.last();
      const reports = await bank.reports(last?.reportId);
      let number = last?.number ?? 0;
      for (const report of reports) await this.read(report, (number += 1));
      if (this.isFailing) logger.info({}, "bank's reports resumed");
      this.isFailing = false;
      return reports.length;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'BANK_UNAVAILABLE') throw error;
      if (!this.isFailing) logger.warn(error.details, "bank's reports unavailable, retrying");
      this.isFailing = true;
      return 0;
    }
  }

  private last() {
    return this.parts.store.transact(async (transaction) => {
      const [row] = await transaction
        .rows(bankReportTable)
        .find({}, { orderBy: 'number', descending: true, countMax: 1 });
      return row;
    });
  }

  private async read(report: BankReport, number: number): Promise<void> {
    const { store, clock, logger } = this.parts;
    const { reportId, kind } = report;
    let [entries, refused] = [0, null as string | null];
    try {
      entries = await (kind === 'pain.002' ? this.readStatus(report) : this.readLines(report));
    } catch (error) {
      if (!(error instanceof XmlRefused)) throw error;
      refused = error.why;
      logger.warn({ reportId, kind, why: refused }, "bank's report refused");
    }
    await store.transact(async (transaction) => {
      const now = clock.now();
      const row = { reportId, kind, number, entries, refused, readAt: now };
      const isNew = await transaction.rows(bankReportTable).insertIfAbsent(row);
      if (isNew && refused !== null)
        await this.openReportCase(transaction, report, {
          reason: 'REPORT_UNREADABLE',
          amountFen: 0,
        });
    });
  }

  private async readStatus(report: BankReport): Promise<number> {
    const { store, bank } = this.parts;
    const { messageId, file, transfers } = await statusReportOf(bank.content(report));
    return store.transact(async (transaction) => {
      const known = await transaction.rows(payoutFileTable).get({ messageId }, { lock: 'wait' });
      if (!known || known.releasedAt === null) {
        await this.openReportCase(transaction, report, { reason: 'FILE_UNKNOWN', amountFen: 0 });
        return 0;
      }
      const now = this.parts.clock.now();
      // It speaks of the file: the bank has it.
      if (known.status === 'sending' || known.status === 'released')
        await transaction
          .rows(payoutFileTable)
          .save({ ...known, status: 'taken', nextAttemptAt: null });
      const instructions = await transaction
        .rows(payoutInstructionTable)
        .find({ messageId }, { lock: 'wait' });
      const said = new Map(transfers.map(({ endToEndId, ...status }) => [endToEndId, status]));
      for (const instruction of instructions) {
        const status = said.get(instruction.instructionId) ?? file;
        if (status) await noteStatus(transaction, { instruction, status, now });
      }
      return transfers.length;
    });
  }

  private async readLines(report: BankReport): Promise<number> {
    const { reportId } = report;
    const owners = new Map<string, string | null | undefined>();
    let [page, entries] = [[] as Line[], 0];
    for await (const part of statementParts(this.parts.bank.content(report))) {
      const account = part.kind === 'entry' ? part.entry.account : part.account;
      if (!owners.has(account)) owners.set(account, await this.whose(report, account));
      const institutionId = owners.get(account);
      if (institutionId === undefined) continue;
      if (part.kind === 'end') {
        await this.endOf(report, part);
        continue;
      }
      entries += 1;
      if (!isOurs(part.entry, institutionId)) continue;
      page.push({ ...part.entry, entryId: entryIdOf(part.entry), reportId, institutionId });
      if (page.length < PAGE_LINES) continue;
      await this.book(page);
      page = [];
    }
    await this.book(page);
    return entries;
  }

  private async book(page: readonly Line[]): Promise<void> {
    const { store, clock, policy } = this.parts;
    if (page.length === 0) return;
    await store.transact(async (transaction) => {
      for (const line of page) await bookLine(transaction, line, { now: clock.now(), policy });
    });
  }

  /** Null: the settlement account. Undefined: of no account that we know, which is a case. */
  private async whose(report: BankReport, account: string): Promise<string | null | undefined> {
    const { store, accounts, settlementAccount } = this.parts;
    if (account === settlementAccount) return null;
    return store.transact(async (transaction) => {
      const owner = await accounts.ownerOf(transaction, account);
      if (owner === undefined)
        await this.openReportCase(transaction, report, { reason: 'ACCOUNT_UNKNOWN', amountFen: 0 });
      return owner;
    });
  }

  private async endOf(
    report: BankReport,
    { missingFen }: Extract<StatementPart, { kind: 'end' }>,
  ): Promise<void> {
    if (missingFen === null || missingFen === 0) return;
    await this.parts.store.transact((transaction) =>
      this.openReportCase(transaction, report, {
        reason: 'STATEMENT_UNBALANCED',
        amountFen: Math.abs(missingFen),
      }),
    );
  }

  private async openReportCase(
    transaction: Transaction,
    { reportId, kind }: BankReport,
    { reason, amountFen }: { readonly reason: string; readonly amountFen: number },
  ): Promise<void> {
    await openCase(
      transaction,
      {
        ...{ kind: 'bank-entry', subjectId: reportId, visitId: null, amountFen, reason },
        ...{ asked: { report: reportId, kind }, answered: null },
      },
      this.parts.clock.now(),
    );
  }
}

const isOurs = ({ remittance }: BankEntry, institutionId: string | null): boolean =>
  institutionId === null || remittance.includes(NAMES_A_SOURCE);

/** What the bank says of an instruction: money that has moved is not taken back by a word. */
export const noteStatus = async (
  transaction: Transaction,
  {
    instruction,
    status: { status, reason = null },
    now,
  }: {
    readonly instruction: PayoutInstructionRow;
    readonly status: Omit<StatusOf, 'reason'> & { readonly reason?: string | undefined | null };
    readonly now: Date;
  },
): Promise<void> => {
  const isOut = OUT.has(instruction.status);
  if (status !== 'rejected') {
    const isLess = instruction.status === 'accepted' && status === 'pending';
    if (isOut && !isLess && instruction.status !== status)
      await transaction
        .rows(payoutInstructionTable)
        .save({ ...instruction, status, reason, changedAt: now });
    return;
  }
  if (instruction.status === 'rejected' || instruction.status === 'discarded') return;
  if (isOut) {
    await transaction
      .rows(payoutInstructionTable)
      .save({ ...instruction, status: 'rejected', reason, changedAt: now });
    await giveBack(transaction, [instruction.instructionId]);
  }
  await openPayoutCase(
    transaction,
    {
      ...instruction,
      reason: isOut ? (reason ?? 'REJECTED_WITHOUT_REASON') : 'REJECTED_AFTER_LINE',
    },
    now,
  );
};

const OUT: ReadonlySet<string> = new Set(['instructed', 'pending', 'accepted']);

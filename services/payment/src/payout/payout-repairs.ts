import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { closeCases, type Decided } from '../case/open-case';
import { decidedByTwo } from '../case/two-names';
import { clearedDay } from '../clearing/clearings';
import type { Party } from '../clearing/clearing.table';
import { openAmountOf } from '../clearing/payouts';
import type { Calendars } from '../collection/policy';
import { accounts, post } from '../journal/journal';
import { openPayoutCase } from './bank-lines';
import { type BankEntryRow, bankEntryTable } from './bank-report.table';
import { addLine } from './clearing-lines';
import {
  payoutFileTable,
  type PayoutInstructionRow,
  payoutInstructionTable,
} from './payout-file.table';
import { giveBack } from './payout-files';

export interface Allotment extends Decided {
  readonly businessDate: string;
  readonly party: Party;
  readonly partyId: string;
}

const OUT: ReadonlySet<string> = new Set(['instructed', 'pending', 'accepted']);

/** What two persons decide, by evidence, where the bank's line does not say it. */
export class PayoutRepairs {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly policy: Calendars;
    },
  ) {}

  /**
   * Allots money that came in to the settlement account, and that nothing fitted, to who paid it and
   * the clearing that it is of. Its case ends; the same once more changes nothing. Throws
   * BANK_ENTRY_UNKNOWN, CLEARING_UNKNOWN (not-found); BANK_ENTRY_OVER, PAYOUT_EXCEEDS,
   * CLEARING_UNFINISHED (conflict).
   */
  async allot(entryId: string, given: Allotment): Promise<BankEntryRow> {
    const decided = decidedByTwo(given);
    const { businessDate, party, partyId } = given;
    return this.parts.store.transact(async (transaction) => {
      const now = this.parts.clock.now();
      const rows = transaction.rows(bankEntryTable);
      const entry = await rows.get({ entryId }, { lock: 'wait' });
      if (!entry) throw new DomainError('BANK_ENTRY_UNKNOWN', 'not-found', { entryId });
      const { amountFen, institutionId } = entry;
      const isOurs = institutionId === null && amountFen !== null && amountFen > 0;
      if (entry.meaning !== 'unmatched' || !isOurs || party === 'insurer')
        throw new DomainError('BANK_ENTRY_OVER', 'conflict', {
          ...{ entryId, meaning: entry.meaning },
          why: "only money that came in to the settlement account, fits nothing, and is no insurer's",
          remedy: 'ask the bank to bring back what is wrong, and note its case',
        });
      const clearing = await clearedDay(transaction, businessDate, { lock: 'wait' });
      const openFen = await openAmountOf(transaction, clearing, { party, partyId });
      if (-openFen < amountFen)
        throw new DomainError('PAYOUT_EXCEEDS', 'conflict', { party, partyId, openFen, amountFen });
      const changes = [
        { account: accounts.unmatched, amountFen },
        { account: accounts.inPayout(party, partyId), amountFen: -amountFen },
      ];
      await post(transaction, `allotment/${entryId}`, changes, { now, policy: this.parts.policy });
      const line = { ...entry, ...decided, valueDate: entry.valueDate! };
      await addLine(
        transaction,
        clearing,
        { party, partyId, amountFen: -amountFen },
        { line, now },
      );
      const allotted: BankEntryRow = { ...entry, meaning: 'remitted' };
      await rows.save(allotted);
      await closeCases(transaction, entryId, { resolution: 'made', now, decided });
      return allotted;
    });
  }

  /**
   * Declares by evidence that the bank paid nothing of an instruction, and will not: it is payable
   * again. A line that comes all the same is a case. Throws PAYOUT_FILE_UNKNOWN (not-found),
   * PAYOUT_FILE_OVER (conflict).
   */
  async declareNotMade(instructionId: string, given: Decided): Promise<PayoutInstructionRow> {
    const decided = decidedByTwo(given);
    return this.parts.store.transact(async (transaction) => {
      const now = this.parts.clock.now();
      const rows = transaction.rows(payoutInstructionTable);
      const instruction = await this.lock(transaction, instructionId);
      const declared: PayoutInstructionRow = {
        ...{ ...instruction, status: 'rejected', reason: 'DECLARED_NOT_MADE', changedAt: now },
      };
      await rows.save(declared);
      await giveBack(transaction, [instructionId]);
      await openPayoutCase(transaction, { ...declared, reason: 'DECLARED_NOT_MADE' }, now);
      // Its own evidence ends the case at once: it stays as the record of who decided.
      await closeCases(transaction, instructionId, { resolution: 'not-made', now, decided });
      return declared;
    });
  }

  private async lock(
    transaction: Transaction,
    instructionId: string,
  ): Promise<PayoutInstructionRow> {
    const found = await transaction.rows(payoutInstructionTable).get({ instructionId });
    if (!found) throw new DomainError('PAYOUT_FILE_UNKNOWN', 'not-found', { instructionId });
    const { messageId } = found;
    const file = await transaction.rows(payoutFileTable).get({ messageId }, { lock: 'wait' });
    const instruction = await transaction
      .rows(payoutInstructionTable)
      .get({ instructionId }, { lock: 'wait' });
    // While it is not known whether the bank has the file, it may still come to it.
    if (file?.status !== 'taken' || !instruction || !OUT.has(instruction.status))
      throw new DomainError('PAYOUT_FILE_OVER', 'conflict', {
        ...{ instructionId, file: file?.status, status: instruction?.status },
        why: 'only what the bank has and shows no line of is declared',
        remedy: 'look at the file; ask the bank',
      });
    return instruction;
  }
}

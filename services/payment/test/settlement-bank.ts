import { Readable } from 'node:stream';
import { SettlementBankBook } from '@caretab/sandbox';
import { KeyFile } from '@caretab/security';
import { TokenVault } from '../src/account/token-vault';
import type { Bank, BankReport, FileToSend, Found, Sent } from '../src/payout/bank';
import { BankReports } from '../src/payout/bank-reports';
import { HospitalAccounts } from '../src/payout/hospital-accounts';
import { PayoutFiles } from '../src/payout/payout-files';
import type { PayoutPolicy } from '../src/payout/payout-policy';
import { PayoutRepairs } from '../src/payout/payout-repairs';
import { PayoutSender } from '../src/payout/payout-sender';
import { PERSON, policy, till, type TillParts } from './till';

export const SETTLEMENT = '622200010001';
export const OF_H1 = '955500010001';
/** All of H1's personal cash part is pooled. */
export const POOLED: PayoutPolicy = {
  settlementAccount: { holderName: '结算专户', bankCode: '102331000015', account: SETTLEMENT },
  pooled: [{ institutionId: 'H1', party: '*', partyId: '*', from: '2026-01-01' }],
};

/** What becomes of the next request about a file; otherwise it is answered. */
export type Fate = 'ok' | 'lost' | 'dropped';

/** The bank as its twin: the sandbox's book without a line between. */
export class MemoryBank implements Bank {
  readonly fates: Fate[] = [];
  readonly sent: string[] = [];

  constructor(readonly book: SettlementBankBook) {}

  async send({ messageId, content }: FileToSend): Promise<Sent> {
    const fate = this.fates.shift() ?? 'ok';
    if (fate === 'dropped') return { status: 'no-answer' };
    this.sent.push(content);
    const isTaken = this.book.take(messageId, content);
    if (fate === 'lost') return { status: 'no-answer' };
    return isTaken ? { status: 'taken' } : { status: 'refused', reason: 'FF01' };
  }

  async find(messageId: string): Promise<Found> {
    if ((this.fates.shift() ?? 'ok') !== 'ok') return { status: 'no-answer' };
    return { status: this.book.has(messageId) ? 'taken' : 'unknown' };
  }

  async reports(after?: string): Promise<readonly BankReport[]> {
    return this.book.reports(after);
  }

  content({ reportId }: BankReport): AsyncIterable<Uint8Array> {
    return Readable.from([Buffer.from(this.book.content(reportId)!)]);
  }
}

const keys = new KeyFile('KEYS', Buffer.alloc(32, 7).toString('hex'));

/** The till with a bank behind it: files, accounts, and what works between us and the bank. */
export const bankedTill = (
  machine: TillParts & { readonly bank?: (book: SettlementBankBook) => Bank } = {},
) => {
  const payouts = machine.payouts ?? POOLED;
  const world = till({ ...machine, payouts });
  const { clock, store } = world;
  const vault = new TokenVault(keys);
  const book = new SettlementBankBook(() => clock.now());
  const memoryBank = new MemoryBank(book);
  const bank = machine.bank?.(book) ?? memoryBank;
  const logger = { info: () => undefined, warn: () => undefined };
  const accounts = new HospitalAccounts({ store, clock, vault, keys });
  const parts = { store, clock, bank, vault, accounts, logger };
  const sender = new PayoutSender(parts);
  const reports = new BankReports({ ...parts, settlementAccount: SETTLEMENT, policy });
  return {
    ...{ ...world, book, memoryBank, accounts, sender, reports },
    repairs: new PayoutRepairs({ store, clock, policy }),
    files: new PayoutFiles({ ...parts, policy: payouts, isConnected: true }),
    bindPayer: () => world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' }),
    setAccount: (institutionId = 'H1', account = OF_H1) =>
      accounts.set(institutionId, {
        ...{ holderName: '第一医院', bankCode: '102331000023', account },
        ...{ declaredBy: 'op-17', approvedBy: 'op-21', evidence: 'letter 1' },
      }),
    /** Rounds of sending and reading, with time between. */
    bankWorks: async (rounds = 3): Promise<void> => {
      for (let round = 0; round < rounds; round++) {
        await sender.runOnce();
        await reports.runOnce();
        clock.advance(60_000);
      }
    },
  };
};

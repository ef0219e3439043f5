import { assert } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { bookDayOf, type Recorded } from './book-day';
import { type JournalEntryRow, journalEntryTable } from './journal-entry.table';

/** A change of one account: positive is a debit, negative a credit. */
export interface Change {
  readonly account: string;
  readonly amountFen: number;
}

export const accounts = {
  patients: 'receivable/patients',
  insurer: (payerId: string): string => `receivable/insurer/${payerId}`,
  institution: (institutionId: string): string => `payable/institution/${institutionId}`,
  channel: (channel: string): string => `channel/${channel}`,
  funder: (funderId: string): string => `payable/funder/${funderId}`,
  /** What a bank owes for dues that it lends. */
  lendingBank: (bankId: string): string => `receivable/bank/${bankId}`,
  /** Cleared, and not yet on the bank's statement: a credit is to be paid out, a debit to come in. */
  inPayout: (party: string, partyId: string): string => `in-payout/${party}/${partyId}`,
  /** Our account at the settlement bank. */
  bank: 'bank/settlement',
  /** Lines of the bank that nothing fits yet; each has a case. */
  unmatched: 'suspense/bank',
  /** What channels took back; open until the dispute is decided. */
  chargebacks: 'receivable/chargebacks',
  /** Disputes that were lost. */
  losses: 'expense/chargebacks',
  fees: 'expense/channel-fees',
};

interface Lends {
  readonly lenderParty: 'funder' | 'institution' | 'bank';
  readonly lenderId: string;
}

/** The account of who waits for what is due of a visit. */
export const lenderAccount = ({ lenderParty, lenderId }: Lends): string =>
  lenderParty === 'institution'
    ? accounts.institution(lenderId)
    : lenderParty === 'bank'
      ? accounts.lendingBank(lenderId)
      : accounts.funder(lenderId);

/** The account of who owes us what is due: the patients, or the bank that lends it to one of them. */
export const debtorAccount = (lends: Lends): string =>
  lends.lenderParty === 'bank' ? lenderAccount(lends) : accounts.patients;

/**
 * The entries of one reference; changes of nothing are left out. Breaks unless debits equal
 * credits.
 */
export const posting = (
  reference: string,
  changes: readonly Change[],
  recorded: Recorded,
): JournalEntryRow[] => {
  assert(
    changes.reduce((sum, { amountFen }) => sum + amountFen, 0) === 0,
    'in every reference debits equal credits',
  );
  return changes
    .filter(({ amountFen }) => amountFen !== 0)
    .map(({ account, amountFen }, index) => ({
      entryId: `${reference}#${index + 1}`,
      reference,
      account,
      debitFen: Math.max(amountFen, 0),
      creditFen: Math.max(-amountFen, 0),
      postedAt: recorded.now,
      bookedOn: bookDayOf(recorded),
    }));
};

/**
 * Writes a posting into the journal; a reference is posted once, a second time breaks the unit of
 * work.
 */
export const post = async (
  transaction: Transaction,
  reference: string,
  changes: readonly Change[],
  recorded: Recorded,
): Promise<void> => {
  const entries = posting(reference, changes, recorded);
  if (entries.length > 0) await transaction.rows(journalEntryTable).insert(...entries);
};

export interface TrialBalance {
  readonly debitFen: number;
  readonly creditFen: number;
  /** Zero, or the books are wrong. */
  readonly differenceFen: number;
  /** Debits minus credits, by account. */
  readonly accounts: Readonly<Record<string, number>>;
}

export const trialBalance = (
  entries: readonly Pick<JournalEntryRow, 'account' | 'debitFen' | 'creditFen'>[],
): TrialBalance => {
  const byAccount = new Map<string, number>();
  let [debitFen, creditFen] = [0, 0];
  for (const entry of entries) {
    debitFen += entry.debitFen;
    creditFen += entry.creditFen;
    byAccount.set(
      entry.account,
      (byAccount.get(entry.account) ?? 0) + entry.debitFen - entry.creditFen,
    );
  }
  return {
    debitFen,
    creditFen,
    differenceFen: debitFen - creditFen,
    accounts: Object.fromEntries([...byAccount].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
};

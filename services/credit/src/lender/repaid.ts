import { assert } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Accounts } from '../account/accounts';
import type { Hold } from '../hold/hold';
import { holdTable } from '../hold/hold.table';
import type { Loan } from './loan';

/** What a bank says is repaid in all frees as much of the line. The hold is locked. */
export const bookRepaid = async (
  transaction: Transaction,
  accounts: Accounts,
  hold: Hold,
  repaidFen: number,
): Promise<void> => {
  const { visitId, accountPersonId } = hold;
  const outstandingFen = Math.max(0, hold.dueFen - repaidFen);
  const freedFen = hold.outstandingFen - outstandingFen;
  const status = outstandingFen === 0 ? 'settled' : hold.status;
  const paid = { ...hold, status, outstandingFen, paidFen: repaidFen } as const;
  await transaction.rows(holdTable).save(paid);
  if (freedFen === 0) return;
  const account = await accounts.lock(transaction, accountPersonId);
  assert(account, 'a hold stands on an account');
  const kind = outstandingFen === 0 ? 'Settled' : 'Due';
  const note = outstandingFen === 0 ? undefined : 'PAID_IN_PART';
  const change = { kind, visitId, outstandingFen: -freedFen, note } as const;
  await accounts.post(transaction, account, change, `repaid/${visitId}/${repaidFen}`);
};

export const REPAID_TOO_MUCH = 'REPAID_TOO_MUCH';

/**
 * The loan with what its bank said is repaid, once that fits what it drew: its answer to a draw may
 * be lost, and its word of what is repaid come first. The hold is locked.
 */
export const withSaid = async (
  transaction: Transaction,
  accounts: Accounts,
  loan: Loan,
  now: Date,
): Promise<Loan> => {
  const { saidRepaidFen, repaidFen, visitId, state, amountFen } = loan;
  if (saidRepaidFen <= repaidFen) return loan;
  if (state !== 'drawn' || saidRepaidFen > amountFen)
    return { ...loan, difference: REPAID_TOO_MUCH, differsSince: loan.differsSince ?? now };
  const hold = await transaction.rows(holdTable).get({ visitId }, { lock: 'wait' });
  assert(hold, 'a loan stands beside a hold');
  await bookRepaid(transaction, accounts, hold, saidRepaidFen);
  const overdueSince = saidRepaidFen === amountFen ? null : loan.overdueSince;
  return { ...loan, repaidFen: saidRepaidFen, overdueSince };
};

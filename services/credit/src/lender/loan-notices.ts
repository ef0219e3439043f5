import { assert, type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Accounts } from '../account/accounts';
import type { Hold } from '../hold/hold';
import { holdTable } from '../hold/hold.table';
import type { Loan } from './loan';
import { loanTable } from './loan.table';

const DIFFERENCES_MAX = 100;

/** What a bank says by itself of a loan. `repaidFen` is the whole that was repaid so far. */
export type LoanNotice = { readonly visitId: string; readonly lenderId: string } & (
  | { readonly kind: 'repaid'; readonly repaidFen: number }
  | { readonly kind: 'overdue'; readonly since: Date }
);

/**
 * What banks say of their loans. What is repaid frees the line; what is overdue is shown: the debt is
 * the bank's, so no arrears of ours begin. What cannot be is a difference, and changes nothing else.
 */
export class LoanNotices {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly accounts: Accounts;
    },
  ) {}

  /** Repeatable. Throws LOAN_UNKNOWN (not-found). */
  take(notice: LoanNotice): Promise<void> {
    const { visitId, lenderId } = notice;
    return this.parts.store.transact(async (transaction) => {
      const hold = await transaction.rows(holdTable).get({ visitId }, { lock: 'wait' });
      const account = hold && (await this.parts.accounts.lock(transaction, hold.accountPersonId));
      const loans = transaction.rows(loanTable);
      const loan = await loans.get({ visitId }, { lock: 'wait' });
      if (!loan || !hold || !account || loan.lenderId !== lenderId)
        throw new DomainError('LOAN_UNKNOWN', 'not-found', { visitId });
      if (notice.kind === 'overdue') {
        const isOpen = loan.state === 'drawn' && loan.repaidFen < loan.amountFen;
        await loans.save(
          isOpen
            ? { ...loan, overdueSince: notice.since }
            : this.differs(loan, 'OVERDUE_NOTHING_OWED'),
        );
        return;
      }
      const { repaidFen } = notice;
      if (repaidFen <= loan.repaidFen) return; // The same again, or an earlier one.
      if (loan.state !== 'drawn' || repaidFen > loan.amountFen)
        return void (await loans.save(this.differs(loan, 'REPAID_TOO_MUCH')));
      const isRepaid = repaidFen === loan.amountFen;
      const overdueSince = isRepaid ? null : loan.overdueSince;
      await loans.save({ ...loan, repaidFen, overdueSince });
      await this.repaid(transaction, hold, repaidFen);
    });
  }

  /** Loans that differ, the oldest first, at most 100. */
  differences(): Promise<Loan[]> {
    return this.parts.store.transact((transaction) =>
      transaction
        .rows(loanTable)
        .find(
          { differsSince: { gt: new Date(0) } },
          { orderBy: 'differsSince', countMax: DIFFERENCES_MAX },
        ),
    );
  }

  private async repaid(transaction: Transaction, hold: Hold, repaidFen: number): Promise<void> {
    const { visitId, accountPersonId } = hold;
    const outstandingFen = Math.max(0, hold.dueFen - repaidFen);
    const freedFen = hold.outstandingFen - outstandingFen;
    const status = outstandingFen === 0 ? 'settled' : hold.status;
    const paid = { ...hold, status, outstandingFen, paidFen: repaidFen } as const;
    await transaction.rows(holdTable).save(paid);
    if (freedFen === 0) return;
    const account = await this.parts.accounts.lock(transaction, accountPersonId);
    assert(account, 'a hold stands on an account');
    const kind = outstandingFen === 0 ? 'Settled' : 'Due';
    const note = outstandingFen === 0 ? undefined : 'PAID_IN_PART';
    const change = { kind, visitId, outstandingFen: -freedFen, note } as const;
    await this.parts.accounts.post(transaction, account, change, `repaid/${visitId}/${repaidFen}`);
  }

  private differs(loan: Loan, difference: string): Loan {
    const differsSince = loan.differsSince ?? this.parts.clock.now();
    return { ...loan, difference, differsSince };
  }
}

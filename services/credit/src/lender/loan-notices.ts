import { type Clock, DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { Accounts } from '../account/accounts';
import { holdTable } from '../hold/hold.table';
import type { Loan } from './loan';
import { loanTable } from './loan.table';
import { withSaid } from './repaid';

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
      const fits = loan.state === 'drawn' && repaidFen <= loan.amountFen;
      // What does not fit is kept, and counts once the bank's answer to its order does.
      const saidRepaidFen = fits ? repaidFen : Math.max(repaidFen, loan.saidRepaidFen);
      const { accounts, clock } = this.parts;
      const said = { ...loan, saidRepaidFen };
      await loans.save(await withSaid(transaction, accounts, said, clock.now()));
    });
  }

  /** Throws LOAN_UNKNOWN (not-found). */
  show(visitId: string): Promise<Loan> {
    return this.parts.store.transact(async (transaction) => {
      const loan = await transaction.rows(loanTable).get({ visitId });
      if (!loan) throw new DomainError('LOAN_UNKNOWN', 'not-found', { visitId });
      return loan;
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

  private differs(loan: Loan, difference: string): Loan {
    const differsSince = loan.differsSince ?? this.parts.clock.now();
    return { ...loan, difference, differsSince };
  }
}

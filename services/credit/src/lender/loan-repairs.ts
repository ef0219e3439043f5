import { assert, type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Accounts } from '../account/accounts';
import { holdTable } from '../hold/hold.table';
import { type Loan, nextOrder, orderDone } from './loan';
import { type LoanRepair, type LoanRepairRow, loanRepairTable } from './loan-repair.table';
import { loanTable } from './loan.table';
import { withSaid } from './repaid';

export interface Repair {
  readonly lenderId: string;
  /** As it is shown: two persons decide about that one. */
  readonly difference: string;
  readonly repair: LoanRepair;
  /** The reference of the evidence: a letter of the bank, its receipt. */
  readonly evidence: string;
  readonly declaredBy: string;
  readonly approvedBy: string;
}

/** So often a bank that refuses is asked again; then it is settled with people. */
const REFUSALS_MAX = 3;
const REPAIRS_SHOWN = 100;

const isRefused = ({ difference }: Pick<Loan, 'difference'>): boolean =>
  difference?.endsWith('_REFUSED') ?? false;

/** What is proposed; another repair that fits may be decided. */
export const proposedFor = (loan: Pick<Loan, 'difference' | 'refusals'>): LoanRepair =>
  !isRefused(loan) ? 'noted' : loan.refusals < REFUSALS_MAX ? 'ask-again' : 'done-by-bank';

/**
 * Cases of loans: where a bank and the mirror are not one, two persons decide by evidence. No repair
 * changes what is due, or who owes it. Locks are taken in the order hold, account, loan.
 */
export class LoanRepairs {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly accounts: Accounts;
    },
  ) {}

  /**
   * Throws LOAN_UNKNOWN (not-found), RESOLUTION_UNFIT (conflict): it differs in something else by now,
   * or not at all, or the repair does not fit that.
   */
  decide(visitId: string, given: Repair): Promise<Loan> {
    const { lenderId, difference, repair, evidence, declaredBy, approvedBy } = given;
    assert(declaredBy !== approvedBy, 'two people decided it');
    const { store, clock, accounts } = this.parts;
    return store.transact(async (transaction) => {
      const hold = await transaction.rows(holdTable).get({ visitId }, { lock: 'wait' });
      if (hold) await accounts.lock(transaction, hold.accountPersonId);
      const loan = await transaction.rows(loanTable).get({ visitId }, { lock: 'wait' });
      if (loan?.lenderId !== lenderId)
        throw new DomainError('LOAN_UNKNOWN', 'not-found', { visitId });
      if (loan.difference !== difference || !loan.differsSince)
        throw unfit(visitId, 'the loan does not differ so any more: read it again');
      const repaired = await this.repaired(transaction, loan, repair);
      const at = clock.now();
      await transaction.rows(loanRepairTable).insert({
        repairId: derivedId('loan-repair', visitId, difference, loan.differsSince.toISOString()),
        ...{ visitId, lenderId, difference, differsSince: loan.differsSince, repair },
        ...{ evidence, declaredBy, approvedBy, at },
      });
      await transaction.rows(loanTable).save(repaired);
      return repaired;
    });
  }

  /** What was decided of a visit's loan, the latest first. */
  of(visitId: string): Promise<LoanRepairRow[]> {
    return this.parts.store.transact((transaction) =>
      transaction
        .rows(loanRepairTable)
        .find({ visitId }, { orderBy: 'at', descending: true, countMax: REPAIRS_SHOWN }),
    );
  }

  private async repaired(transaction: Transaction, loan: Loan, repair: LoanRepair): Promise<Loan> {
    const { clock, accounts } = this.parts;
    const now = clock.now();
    const over = { difference: null, differsSince: null };
    if (repair === 'noted') {
      if (isRefused(loan)) throw unfit(loan.visitId, 'what has to be done is not only noted');
      return { ...loan, ...over, saidRepaidFen: loan.repaidFen };
    }
    const order = nextOrder(loan);
    if (!isRefused(loan) || loan.orderKind !== null || !order)
      throw unfit(loan.visitId, 'no order of it was refused');
    if (repair === 'ask-again') return { ...loan, ...over, nextAttemptAt: now };
    const done = orderDone({ ...loan, orderKind: order.kind, orderFen: order.amountFen });
    const next = await withSaid(transaction, accounts, done, now);
    return { ...next, nextAttemptAt: nextOrder(next) ? now : null };
  }
}

const unfit = (visitId: string, why: string): DomainError =>
  new DomainError('RESOLUTION_UNFIT', 'conflict', { visitId, why });

import { assert, type Clock } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Accounts } from '../account/accounts';
import { type DeclineReason, declinedHold, type Hold } from '../hold/hold';
import { alive, type HoldPolicy } from '../hold/hold-policy';
import { HoldPublisher } from '../hold/hold.publisher';
import { holdTable } from '../hold/hold.table';
import type { Loan } from './loan';

export interface BankHoldsParts {
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly policy: HoldPolicy;
}

type Declined = Extract<DeclineReason, 'LENDER_REFUSED' | 'LENDER_SILENT'>;

/** What the bank's answer, or its silence, means for the hold that waits. */
export class BankHolds {
  constructor(private readonly parts: BankHoldsParts) {}

  /** Grants what the loan asks for, or declines it for a reason; returns the loan as it is then. */
  async answer(transaction: Transaction, loan: Loan, reason?: Declined): Promise<Loan> {
    const { visitId, asks } = loan;
    const hold = await transaction.rows(holdTable).get({ visitId }, { lock: 'wait' });
    assert(hold, 'a loan stands beside a hold');
    const after = { ...loan, asks: null, requestId: null };
    if (asks === 'first') {
      await this.first(transaction, loan, hold, reason);
      return reason ? { ...after, wantedState: 'released', wantedFen: 0 } : after;
    }
    await this.increase(transaction, loan, hold, reason);
    return reason ? { ...after, wantedFen: loan.beforeFen } : after;
  }

  private async first(
    transaction: Transaction,
    loan: Loan,
    hold: Hold,
    reason?: Declined,
  ): Promise<void> {
    const { clock, policy } = this.parts;
    const publisher = new HoldPublisher(transaction, clock);
    if (reason) {
      await this.free(transaction, loan, hold, hold.heldFen);
      const declined = declinedHold(visitOf(hold), hold.accountPersonId, reason);
      await transaction.rows(holdTable).save(declined);
      return publisher.declined(causeOf(loan), reason);
    }
    const { expiresAt, ...rest } = alive(policy, hold, hold.visitClass, clock.now());
    assert(expiresAt, 'a hold that is granted expires');
    await transaction.rows(holdTable).save({ ...rest, expiresAt, status: 'held' });
    const lender = { kind: 'bank', lenderId: loan.lenderId } as const;
    publisher.authorized(causeOf(loan), { ...rest, expiresAt, lender });
  }

  private async increase(
    transaction: Transaction,
    loan: Loan,
    hold: Hold,
    reason?: Declined,
  ): Promise<void> {
    const publisher = new HoldPublisher(transaction, this.parts.clock);
    if (!reason) return publisher.increased(causeOf(loan), hold, hold.heldFen);
    await this.free(transaction, loan, hold, hold.heldFen - loan.beforeFen);
    const kept = { ...hold, heldFen: loan.beforeFen };
    await transaction.rows(holdTable).save(kept);
    publisher.increaseDeclined(causeOf(loan), kept, reason);
  }

  private async free(
    transaction: Transaction,
    { visitId, causationId }: Loan,
    { accountPersonId }: Hold,
    heldFen: number,
  ): Promise<void> {
    const account = await this.parts.accounts.lock(transaction, accountPersonId);
    assert(account, 'a hold stands on an account');
    const change = { kind: 'HoldReleased', visitId, heldFen: -heldFen } as const;
    await this.parts.accounts.post(transaction, account, change, causationId);
  }
}

const visitOf = ({ visitId, personId, visitClass }: Hold) => ({ visitId, personId, visitClass });

/** The message that asked, as far as its answer needs it. */
const causeOf = ({ causationId, traceparent, visitId, personId, requestId }: Loan) => ({
  id: causationId,
  ...(traceparent !== null && { traceparent }),
  data: { visitId, personId, requestId: requestId ?? '' },
});

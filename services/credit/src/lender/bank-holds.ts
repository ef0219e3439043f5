import { assert, type Clock } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Accounts } from '../account/accounts';
import type { DeclineReason, Hold } from '../hold/hold';
import type { HoldPolicy } from '../hold/hold-policy';
import { HoldPublisher } from '../hold/hold.publisher';
import { holdTable } from '../hold/hold.table';
import { WaitingHolds } from '../hold/waiting-holds';
import type { Loan } from './loan';

export interface BankHoldsParts {
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly policy: HoldPolicy;
}

type Declined = Extract<DeclineReason, 'LENDER_REFUSED' | 'LENDER_SILENT'>;

/** What the bank's answer, or its silence, means for the hold that waits. */
export class BankHolds {
  private readonly waiting: WaitingHolds;

  constructor(private readonly parts: BankHoldsParts) {
    this.waiting = new WaitingHolds(parts);
  }

  /** Grants what the loan asks for, or declines it for a reason; returns the loan as it is then. */
  async answer(transaction: Transaction, loan: Loan, reason?: Declined): Promise<Loan> {
    const { visitId, asks } = loan;
    const hold = await transaction.rows(holdTable).get({ visitId }, { lock: 'wait' });
    assert(hold, 'a loan stands beside a hold');
    const after = { ...loan, asks: null, requestId: null };
    if (asks === 'first') {
      const declined = await this.first(transaction, loan, hold, reason);
      return declined ? { ...after, wantedState: 'released', wantedFen: 0 } : after;
    }
    await this.increase(transaction, loan, hold, reason);
    return reason ? { ...after, wantedFen: loan.beforeFen } : after;
  }

  private async first(
    transaction: Transaction,
    loan: Loan,
    hold: Hold,
    reason?: Declined,
  ): Promise<DeclineReason | undefined> {
    const lender = { kind: 'bank', lenderId: loan.lenderId } as const;
    if (!reason) return this.waiting.grant(transaction, causeOf(loan), hold, lender);
    await this.waiting.decline(transaction, causeOf(loan), hold, reason);
    return reason;
  }

  private async increase(
    transaction: Transaction,
    loan: Loan,
    hold: Hold,
    reason?: Declined,
  ): Promise<void> {
    const publisher = new HoldPublisher(transaction, this.parts.clock);
    if (!reason) return publisher.increased(causeOf(loan), hold, hold.heldFen);
    const freedFen = hold.heldFen - loan.beforeFen;
    await this.waiting.free(transaction, loan.causationId, hold, freedFen);
    const kept = { ...hold, heldFen: loan.beforeFen };
    await transaction.rows(holdTable).save(kept);
    publisher.increaseDeclined(causeOf(loan), kept, reason);
  }
}

/** The message that asked, as far as its answer needs it. */
const causeOf = ({ causationId, traceparent, visitId, personId, requestId }: Loan) => ({
  id: causationId,
  ...(traceparent !== null && { traceparent }),
  data: { visitId, personId, requestId: requestId ?? '' },
});

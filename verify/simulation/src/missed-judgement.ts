import type { SimulatedPlatform } from './simulated-platform';
import type { StandingBook } from './standing-book';
import { must } from './violation';

/** A payment that was missed, as the ledger has it. */
export interface Missed {
  readonly paymentId: string;
  readonly accountPersonId: string;
  readonly reason: string;
}

/**
 * Who has missed a payment has died or has no account, by the book of who stands how; else, by the
 * bank's, the order was declined, or a part was all that there was. Throws Violation.
 */
export const missedAsTheBankSays = (
  { acquirer, scheduler }: SimulatedPlatform,
  standing: StandingBook,
  { paymentId, accountPersonId, reason }: Missed,
): void => {
  const seen = (bank: string) => () => ({ paymentId, accountPersonId, reason, bank });
  if (reason === 'NO_BOUND_ACCOUNT')
    return must(standing.mayHaveNoAccount(accountPersonId), 'unpaid', seen('has an account'));
  if (reason === 'PERSON_DIED')
    return must(standing.mayBeDead(accountPersonId), 'dead', seen('they live'));
  const payment = acquirer.book.payment(paymentId, scheduler.now());
  must(
    payment?.status === 'declined' || payment?.orderedFen !== undefined,
    'unpaid',
    seen(payment?.status ?? 'does not know the order'),
  );
};

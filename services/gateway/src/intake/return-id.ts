import { parseDecimal } from '@caretab/kernel';
import type { EventRow } from './intake.table';
import type { SubmittedFact } from './submission';

/** Decimals of a quantity. */
const DECIMALS = 4;

type Return = Extract<SubmittedFact, { readonly type: 'ChargeReturned' }>;
type Kept = Pick<EventRow, 'returnId' | 'chargeId' | 'quantity' | 'amountFen' | 'fate'>;

/**
 * Whether the id of a return stands for another return of the visit: of another charge, quantity or
 * amount. Only what is certain: a return that was rejected has left its id free, one that is not
 * decided yet may be rejected, and what only one of the two says is compared by the ledger.
 * `returns`: those of the visit that were accepted under this id, or of this charge.
 */
export const isIdOfOther = (fact: Return, returns: readonly Kept[]): boolean =>
  returns.some(
    (known) =>
      known.returnId === fact.returnId && known.fate === 'applied' && differs(fact, known, returns),
  );

const differs = (fact: Return, known: Kept, returns: readonly Kept[]): boolean => {
  if (known.chargeId !== fact.chargeId) return true;
  const { quantity, amountFen } = fact;
  if (quantity !== undefined && known.quantity !== null)
    if (parseDecimal(quantity, DECIMALS) !== parseDecimal(known.quantity, DECIMALS)) return true;
  if (amountFen === undefined || known.amountFen === null) return false;
  const others = returns.filter(
    ({ returnId, chargeId, fate }) =>
      returnId !== fact.returnId && chargeId === fact.chargeId && fate !== 'rejected',
  );
  // The ledger takes for the same what the quantity costs, and what was left of the charge. They are
  // a fen apart for each return by quantity; after one by amount they are apart by more.
  const isComparable = others.every((one) => one.quantity !== null);
  return isComparable && Math.abs(amountFen - known.amountFen) > others.length + 1;
};

import { HospitalBook } from './hospital-book';
import type { VisitPlan } from './plan';
import {
  exceedsItsCharge,
  isAhead,
  isLongBeforeStart,
  isOfAnotherCharge,
  isOfKeptDrug,
  type PlannedAction,
} from './visit-script';

interface Book {
  readonly code: string | undefined;
  /** What was accepted of the visit before. */
  readonly said: readonly PlannedAction[];
}

/** Whether a return takes more than those before it left, by the hospital's own book. */
const exceedsWhatIsLeft = (action: PlannedAction, said: readonly PlannedAction[]): boolean => {
  if (action.kind !== 'return') return false;
  const book = new HospitalBook();
  for (const before of said)
    if (before.kind === 'charges') for (const charge of before.charges) book.charge(charge);
  const taken = (one: PlannedAction & { readonly kind: 'return' }): number | undefined =>
    isOfAnotherCharge(one)
      ? undefined
      : book.takeBack(one.charge.chargeId, one.part, one.returnedToPharmacy);
  for (const before of said) if (before.kind === 'return') taken(before);
  return taken(action) === undefined;
};

/** Whether a hospital's own book knows the reason for which the edge refused its message. */
export const isRightlyRefused = (
  visit: VisitPlan,
  action: PlannedAction,
  { code, said }: Book,
): boolean => {
  switch (code) {
    case 'DRUG_DISPENSED':
      return isOfKeptDrug(action);
    case 'RETURN_EXCEEDS_CHARGE':
      return exceedsItsCharge(action) || exceedsWhatIsLeft(action, said);
    case 'RETURN_ITEM_DIFFERS':
    case 'RETURN_BEFORE_CHARGE':
      return isOfAnotherCharge(action);
    case 'TIME_BEFORE_START':
      return isLongBeforeStart(action, visit);
    case 'TIME_IN_FUTURE':
      return isAhead(action);
    case 'VISIT_NOT_ENDED':
      return action.kind === 'reopen' && !said.some(({ kind }) => kind === 'end');
    default:
      return false;
  }
};

/** Whether the edge says that the visit is over, of a report that it can say so of. */
export const isToldOver = (action: PlannedAction, code: string | undefined): boolean =>
  code === 'VISIT_NOT_OPEN'
    ? ['end', 'reopen', 'cancel'].includes(action.kind)
    : code === 'VISIT_CLASS_FIXED' && action.kind === 'reclassify';

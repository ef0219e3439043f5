import { CARE_ORDER_MS, precedes } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { exceedsQuantity, leftAfter, type Left, type Part, priceOf, sameQuantity } from './part';
import { conflict } from './refusals';
import { type ChargeReturn, recordedIn, type Visit, visitIdIn } from './visit-state';

/** A return (退费) as a hospital reports it: by quantity, by amount, or by both. */
export interface ReportedReturn {
  readonly returnId: string;
  readonly chargeId: string;
  /** Of the charge, where the report says it. */
  readonly itemCode?: string | undefined;
  /** RFC 3339. */
  readonly returnedAt?: string | undefined;
  /** So far its time may lie before its charge's, in ms. */
  readonly orderMs?: number | undefined;
  /** Exact decimal; more than nothing. */
  readonly quantity?: string | undefined;
  /** Whole fen. */
  readonly amountFen?: number | undefined;
  /** The report takes the whole charge back, and its amount repeats the charge's. */
  readonly isWhole?: boolean | undefined;
  /** The pharmacy has the dispensed drug back. */
  readonly returnedToPharmacy?: boolean | undefined;
}

/** What no return has taken of a charge, those that wait included; undefined: nothing is left. */
export const leftOf = (visit: Visit, chargeId: string): Left | undefined => {
  const recorded = recordedIn(visit, chargeId);
  if (recorded.status === 'returned') return undefined;
  let left: Left | undefined = recorded.left;
  for (const taken of visit.waitingReturns.values())
    if (left && taken.chargeId === chargeId) left = leftAfter(left, taken);
  return left;
};

const differs = (visit: Visit, asked: ReportedReturn, expectedFen: number): DomainError =>
  conflict('RETURN_AMOUNT_DIFFERS', visit, {
    chargeId: asked.chargeId,
    chargedFen: expectedFen,
    returnedFen: asked.amountFen,
  });

/** The same return again; throws where it comes with other content. */
const isRetry = (visit: Visit, asked: ReportedReturn): boolean => {
  const known = visit.returns.get(asked.returnId);
  if (!known) return false;
  const isOther = (): DomainError =>
    conflict('RETURN_CONFLICT', visit, {
      returnId: asked.returnId,
      chargeId: known.chargeId,
      returnedFen: known.amountFen,
      what: 'this return id stands for another return',
    });
  if (known.chargeId !== asked.chargeId) throw isOther();
  const { charge } = recordedIn(visit, asked.chargeId);
  const { quantity, amountFen } = asked;
  const amounts = [
    known.amountFen,
    ...(known.quantity === undefined ? [] : [priceOf(charge, known.quantity)]),
  ];
  const isSame =
    (amountFen === undefined || amounts.includes(amountFen)) &&
    (quantity === undefined ||
      (known.quantity !== undefined && sameQuantity(quantity, known.quantity)));
  if (!isSame) throw isOther();
  return true;
};

const exceeds = (visit: Visit, { chargeId }: ReportedReturn, left: Left): DomainError =>
  conflict('RETURN_EXCEEDS_CHARGE', visit, {
    chargeId,
    leftFen: left.amountFen,
    leftQuantity: left.quantity,
  });

const byAmount = (
  visit: Visit,
  asked: ReportedReturn & { readonly amountFen: number },
  left: Left,
): Part => {
  const chargedFen = recordedIn(visit, asked.chargeId).charge.amountFen;
  const { amountFen, isWhole } = asked;
  if (isWhole ? amountFen !== chargedFen : amountFen === 0 && left.amountFen > 0)
    throw differs(visit, asked, chargedFen);
  if (amountFen > left.amountFen) throw exceeds(visit, asked, left);
  return { amountFen, quantity: amountFen === left.amountFen ? left.quantity : undefined };
};

/**
 * Quantity times unit price, rounded half up to the fen; the last of the quantity is exactly what
 * is left. An amount beside it must be one of the two. Each part may round by one fen at most: what
 * goes beyond that was taken back before, by amount.
 */
const byQuantity = (visit: Visit, asked: ReportedReturn, quantity: string, left: Left): Part => {
  if (exceedsQuantity(quantity, left.quantity)) throw exceeds(visit, asked, left);
  const pricedFen = priceOf(recordedIn(visit, asked.chargeId).charge, quantity);
  const isLast = sameQuantity(quantity, left.quantity);
  const amountFen = isLast ? left.amountFen : Math.min(pricedFen, left.amountFen);
  const statedFen = asked.amountFen ?? (isLast ? amountFen : pricedFen);
  if (statedFen !== pricedFen && statedFen !== amountFen) throw differs(visit, asked, amountFen);
  const roundedFenMax = [...visit.returns.values()].filter(
    ({ chargeId }) => chargeId === asked.chargeId,
  ).length;
  if (statedFen - left.amountFen > roundedFenMax) throw exceeds(visit, asked, left);
  return { amountFen, quantity };
};

/** Throws RETURN_ITEM_DIFFERS, RETURN_BEFORE_CHARGE (conflict): the return is of another charge. */
const assertOfCharge = (
  visit: Visit,
  { chargeId, itemCode, returnedAt, orderMs = CARE_ORDER_MS }: ReportedReturn,
): void => {
  const { charge } = recordedIn(visit, chargeId);
  if (itemCode !== undefined && itemCode !== charge.itemCode)
    throw conflict('RETURN_ITEM_DIFFERS', visit, { chargeId });
  if (returnedAt !== undefined && precedes(returnedAt, charge.occurredAt, orderMs))
    throw conflict('RETURN_BEFORE_CHARGE', visit, { chargeId });
};

/**
 * What a reported return takes of its charge; undefined for a repetition. Throws CHARGE_UNKNOWN
 * (not-found), RETURN_EMPTY (invalid); RETURN_CONFLICT, CHARGE_ALREADY_RETURNED, CHARGE_AWAITS_AGREEMENT,
 * RETURN_ITEM_DIFFERS, RETURN_BEFORE_CHARGE, DRUG_DISPENSED, RETURN_EXCEEDS_CHARGE with what is
 * left, RETURN_AMOUNT_DIFFERS (conflict).
 */
export const partTaken = (visit: Visit, asked: ReportedReturn): ChargeReturn | undefined => {
  const { returnId, chargeId, quantity, amountFen } = asked;
  if (isRetry(visit, asked)) return undefined;
  if (!visit.charges.has(chargeId))
    throw new DomainError('CHARGE_UNKNOWN', 'not-found', { visitId: visitIdIn(visit), chargeId });
  assertOfCharge(visit, asked);
  if (visit.charges.get(chargeId)?.status === 'late')
    throw conflict('CHARGE_AWAITS_AGREEMENT', visit, { chargeId });
  const left = leftOf(visit, chargeId);
  if (!left) throw conflict('CHARGE_ALREADY_RETURNED', visit, { chargeId });
  if (recordedIn(visit, chargeId).charge.dispensed && !asked.returnedToPharmacy)
    throw conflict('DRUG_DISPENSED', visit, { chargeId });
  if (quantity !== undefined && !sameQuantity(quantity, '0'))
    return { returnId, chargeId, ...byQuantity(visit, asked, quantity, left) };
  if (amountFen === undefined || quantity !== undefined)
    throw new DomainError('RETURN_EMPTY', 'invalid', {
      visitId: visitIdIn(visit),
      chargeId,
      what: 'a return names a quantity above zero, an amount, or both',
    });
  return { returnId, chargeId, ...byAmount(visit, { ...asked, amountFen }, left) };
};

import type { Charge } from '@caretab/contracts';
import { assert, extend, formatDecimal, parseDecimal } from '@caretab/kernel';

/** A part of a charge. `quantity` is an exact decimal; absent where money alone was taken back. */
export interface Part {
  readonly quantity?: string | undefined;
  readonly amountFen: number;
}

/** What is left of a charge. */
export interface Left {
  readonly quantity: string;
  readonly amountFen: number;
}

const QUANTITY_DECIMALS = 4;
const units = (quantity: string): bigint => parseDecimal(quantity, QUANTITY_DECIMALS);

export const sameQuantity = (one: string, other: string): boolean => units(one) === units(other);

export const exceedsQuantity = (quantity: string, of: string): boolean =>
  units(quantity) > units(of);

/** A part by quantity at the charge's own price, rounded half up to the fen. */
export const priceOf = ({ unitPriceYuan }: Charge, quantity: string): number =>
  extend(quantity, unitPriceYuan);

/**
 * What is left after a part; undefined where nothing is: the last of the quantity went, or all of
 * the money without a word on the quantity. Asserts that the part is not more than is left.
 */
export const leftAfter = (left: Left, { quantity, amountFen }: Part): Left | undefined => {
  const restFen = left.amountFen - amountFen;
  assert(restFen >= 0, 'a part is never more than is left of its charge');
  if (quantity === undefined)
    return restFen === 0 ? undefined : { quantity: left.quantity, amountFen: restFen };
  const rest = units(left.quantity) - units(quantity);
  assert(rest >= 0n, 'a part is never more than is left of its charge');
  return rest === 0n
    ? undefined
    : { quantity: formatDecimal(rest, QUANTITY_DECIMALS), amountFen: restFen };
};

import { extend } from '@caretab/kernel';
import type { Charge } from './hospital';

/** What does not make one sum in a charge: the field, and the code by which it is refused. */
export interface SumFault {
  readonly field: 'quantity' | 'amountFen';
  readonly code: 'FIELD_INVALID' | 'AMOUNT_MISMATCH';
}

/** Yuan. Beyond it the product leaves the exact range of a number, and no charge is that large. */
const PRODUCT_MAX_YUAN = 1e12;

/**
 * The rule of a charge's sum, the same at every door: the quantity is above zero, and `amountFen`
 * (whole fen) is quantity times unit price, rounded half up to the fen. A price of zero is one.
 */
export const sumFault = ({
  quantity,
  unitPriceYuan,
  amountFen,
}: Pick<Charge, 'quantity' | 'unitPriceYuan' | 'amountFen'>): SumFault | undefined => {
  if (Number(quantity) === 0) return { field: 'quantity', code: 'FIELD_INVALID' };
  const isTooLarge = Number(quantity) * Number(unitPriceYuan) > PRODUCT_MAX_YUAN;
  return isTooLarge || extend(quantity, unitPriceYuan) !== amountFen
    ? { field: 'amountFen', code: 'AMOUNT_MISMATCH' }
    : undefined;
};

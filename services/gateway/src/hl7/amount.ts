import { type ErrorCode, parseDecimal } from '@caretab/kernel';
import type { Segment } from './segment';

const DECIMAL = /^[+-]?\d{1,9}(\.\d{1,6})?$/;

/**
 * Reads a CP field written as `20.00&CNY` (price and currency of its first component; a price type
 * may follow) into the exact decimal text. `decimalsMax`: 2 for an amount, 6 for a unit price. Any
 * other currency, and none, is a fault.
 */
export const moneyIn = (
  segment: Segment,
  field: number,
  decimalsMax: number,
): string | undefined => {
  const name = segment.name(field);
  const add = (code: ErrorCode, why: string): undefined =>
    segment.faults.add(name, code, why, 'send price&currency, such as 20.00&CNY');
  if (segment.at(field) === '') return add('FIELD_MISSING', 'the amount is missing');
  if (segment.repetitions(field) > 1)
    return add('FIELD_REPEATED', 'the amount repeats and only one can be meant');
  const [price = '', currency = '', ...more] = segment.at(field).split('&');
  const [, priceType = '', ...range] = segment.components(field);
  if (
    !DECIMAL.test(price) ||
    more.length > 0 ||
    !/^[A-Z]{0,2}$/.test(priceType) ||
    range.some((part) => part !== '')
  )
    return add('AMOUNT_INVALID', 'this is not one amount of money');
  if (currency === '') return add('CURRENCY_MISSING', 'the amount names no currency');
  if (currency !== 'CNY') return add('CURRENCY_UNSUPPORTED', 'the currency is not CNY');
  const decimals = price.split('.')[1]?.replace(/0+$/, '').length ?? 0;
  return decimals <= decimalsMax
    ? price
    : add('AMOUNT_INVALID', `the amount has more than ${decimalsMax} decimals`);
};

/** Reads an NM field with at most four decimals; never zero. */
export const quantityIn = (segment: Segment, field: number): string | undefined => {
  const value = segment.required(
    field,
    /^[+-]?\d{1,9}(\.\d{1,4})?$/,
    'a quantity such as 1 or 0.5, four decimals at most',
  );
  if (value === undefined) return undefined;
  if (parseDecimal(value, 4) === 0n)
    return segment.faults.add(
      segment.name(field),
      'FIELD_INVALID',
      'the quantity is zero',
      'send what was given, or leave the FT1 out',
    );
  return value;
};

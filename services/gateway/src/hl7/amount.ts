import { type ErrorCode, parseDecimal } from '@caretab/kernel';
import { decimalOf } from './decimal';
import type { Segment } from './segment';

const WHOLE_MAX = 9;
const QUANTITY_DECIMALS_MAX = 4;
const PRICE_TYPES =
  'send the total in FT1-11 (TP or no type) and the price of one in FT1-12 (UP or no type)';

/**
 * Reads a CP field written as `20.00&CNY` (price and currency of its first component; a price type
 * may follow) into the exact decimal text. `decimalsMax`: 2 for an amount, 6 for a unit price;
 * `priceType` (CP.2, table 0205): TP of an amount, UP of a unit price. Another type is a fault.
 * Without a currency that of the message holds (MO.2: the country of MSH-17). Any other currency is
 * a fault.
 */
export const moneyIn = (
  segment: Segment,
  field: number,
  { decimalsMax, priceType }: { readonly decimalsMax: number; readonly priceType: 'TP' | 'UP' },
): string | undefined => {
  const name = segment.name(field);
  const add = (code: ErrorCode, why: string): undefined =>
    segment.faults.add(name, code, why, 'send price&currency, such as 20.00&CNY');
  if (segment.repetitions(field) > 1)
    return add('FIELD_REPEATED', 'the amount repeats and only one can be meant');
  if (segment.at(field) === '') return add('FIELD_MISSING', 'the amount is missing');
  const [text = '', stated = '', ...more] = segment
    .at(field)
    .split('&')
    .map((part) => part.trim());
  const currency = stated === '' ? segment.defaults.currency : stated;
  const [, statedType = '', ...range] = segment.components(field).map((part) => part.trim());
  const price = decimalOf(text, decimalsMax);
  if (price === undefined || more.length > 0 || range.some((part) => part !== ''))
    return add('AMOUNT_INVALID', 'this is not one amount of money');
  if (statedType !== '' && statedType !== priceType)
    return segment.faults.add(
      name,
      'AMOUNT_INVALID',
      `the price type (component 2) is not ${priceType}`,
      PRICE_TYPES,
    );
  if (currency === undefined)
    return add('CURRENCY_MISSING', 'the amount names no currency, and MSH-17 is not CHN');
  if (currency !== 'CNY') return add('CURRENCY_UNSUPPORTED', 'the currency is not CNY');
  const [whole = '', decimals = ''] = price.replace('-', '').split('.');
  if (whole.length > WHOLE_MAX)
    return add('AMOUNT_INVALID', `the amount has more than ${WHOLE_MAX} digits before the point`);
  return decimals.length <= decimalsMax
    ? price
    : add('AMOUNT_INVALID', `the amount has more than ${decimalsMax} decimals`);
};

/** Reads an NM field with at most four decimals; never zero. */
export const quantityIn = (segment: Segment, field: number): string | undefined => {
  const form = 'a quantity such as 1 or 0.5, four decimals at most';
  const text = segment.required(field, /^[+-]?[\d.]+$/, form);
  if (text === undefined) return undefined;
  const value = decimalOf(text, QUANTITY_DECIMALS_MAX);
  const [whole = '', decimals = ''] = value?.replace('-', '').split('.') ?? [];
  if (value === undefined || whole.length > WHOLE_MAX || decimals.length > QUANTITY_DECIMALS_MAX)
    return segment.faults.add(
      segment.name(field),
      'FIELD_INVALID',
      'the value does not have the form',
      `send ${form}`,
    );
  if (parseDecimal(value, QUANTITY_DECIMALS_MAX) === 0n)
    return segment.faults.add(
      segment.name(field),
      'FIELD_INVALID',
      'the quantity is zero',
      'send what was given, or leave the FT1 out',
    );
  return value;
};

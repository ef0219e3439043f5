import { assert, DomainError } from './errors';

/**
 * Money is whole fen (1 CNY = 100 fen); a rate is basis points (10 000 = 100 %, the four decimals
 * of selfpay_prop(5,4)).
 */
export const BASIS_POINTS = 10_000;

/** The largest amount of one thing, in fen: a thousand million CNY. More is a mistake. */
export const FEN_MAX = 100_000_000_000;

/**
 * Rounds `numerator / denominator` half up (away from zero for a negative amount, so that a credit
 * mirrors its charge).
 */
const divideHalfUp = (numerator: bigint, denominator: bigint): bigint => {
  const sign = numerator < 0n ? -1n : 1n;
  const absolute = numerator * sign;
  return (sign * (absolute * 2n + denominator)) / (denominator * 2n);
};

const toSafeNumber = (value: bigint): number => {
  assert(
    value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER,
    'an amount fits in 2^53 fen',
  );
  return Number(value);
};

/** `rateBps` of `amountFen`, rounded half up to the fen, once. */
export const share = (amountFen: number, rateBps: number): number => {
  assert(
    Number.isSafeInteger(amountFen) && Number.isSafeInteger(rateBps),
    'amounts are whole fen, rates whole basis points',
  );
  return toSafeNumber(divideHalfUp(BigInt(amountFen) * BigInt(rateBps), BigInt(BASIS_POINTS)));
};

const DECIMAL = /^([+-]?)(\d{1,15})(?:\.(\d+))?$/;

/**
 * Reads an exact decimal text into an integer of `scale` decimals ('1.5', 4 → 15000). More decimals
 * than `scale` are refused.
 */
export const parseDecimal = (text: string, scale: number): bigint => {
  const match = DECIMAL.exec(text);
  const fraction = match?.[3] ?? '';
  if (!match || fraction.replace(/0+$/, '').length > scale) {
    throw new DomainError('NOT_A_DECIMAL', 'invalid', { decimalsMax: scale, length: text.length });
  }
  const digits = BigInt(match[2]! + fraction.padEnd(scale, '0').slice(0, scale));
  return match[1] === '-' ? -digits : digits;
};

/** Writes an integer of `scale` decimals as a decimal text, without zeros at its end (15000, 4 → '1.5'). */
export const formatDecimal = (value: bigint, scale: number): string => {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
};

/**
 * What comes from outside may be too much for us; that is the sender's fault, and no broken
 * invariant.
 */
const givenAmount = (value: bigint): number => {
  if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER)
    throw new DomainError('AMOUNT_TOO_LARGE', 'invalid', { fenMax: Number.MAX_SAFE_INTEGER });
  return Number(value);
};

/**
 * Reads yuan with at most two decimals into fen ('20.00' → 2000). Throws NOT_A_DECIMAL or
 * AMOUNT_TOO_LARGE (invalid).
 */
export const parseYuan = (text: string): number => givenAmount(parseDecimal(text, 2));

/** Writes fen as yuan ('-0.05', '1234.50'), without grouping. */
export const formatYuan = (amountFen: number): string => {
  assert(Number.isSafeInteger(amountFen), 'an amount is whole fen');
  const absolute = Math.abs(amountFen);
  return `${amountFen < 0 ? '-' : ''}${Math.floor(absolute / 100)}.${String(absolute % 100).padStart(2, '0')}`;
};

/**
 * quantity (4 decimals) × unit price in yuan (6 decimals), rounded half up to the fen, once. Throws
 * NOT_A_DECIMAL or AMOUNT_TOO_LARGE (invalid).
 */
export const extend = (quantity: string, unitPriceYuan: string): number =>
  givenAmount(divideHalfUp(parseDecimal(quantity, 4) * parseDecimal(unitPriceYuan, 6), 10n ** 8n));

/**
 * Splits `totalFen` over `weights` (whole, not negative) so that the parts add up exactly: largest
 * remainder first, ties to the earlier part. Zero weights get nothing; all weights zero is only
 * allowed for a total of zero. A negative total mirrors the positive one.
 */
export const allocate = (totalFen: number, weights: readonly number[]): number[] => {
  assert(Number.isSafeInteger(totalFen), 'amounts are whole fen');
  assert(
    weights.every((weight) => Number.isSafeInteger(weight) && weight >= 0),
    'weights are whole and not negative',
  );
  if (totalFen === 0) return weights.map(() => 0);
  if (totalFen < 0) return allocate(-totalFen, weights).map((part) => (part === 0 ? 0 : -part));
  const sum = weights.reduce((total, weight) => total + BigInt(weight), 0n);
  assert(sum > 0n, 'a total is only allocated over positive weights');
  const exact = weights.map((weight) => BigInt(totalFen) * BigInt(weight));
  const parts = exact.map((value) => value / sum);
  const left = BigInt(totalFen) - parts.reduce((total, part) => total + part, 0n);
  const order = exact
    .map((value, index) => ({ index, remainder: value % sum }))
    .sort((a, b) =>
      a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
    );
  for (const { index } of order.slice(0, Number(left))) parts[index]! += 1n;
  return parts.map(toSafeNumber);
};

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

/**
 * Up to here whole numbers are exact as floats, sums and quotients rounded down of them too; big
 * integers, which cost ten times as much, count what is more.
 */
const isExact = (...values: readonly number[]): boolean =>
  values.reduce((sum, value) => sum + value, 0) <= Number.MAX_SAFE_INTEGER;

/** As `divideHalfUp`, of floats that `isExact` allowed together with the denominator. */
const divideHalfUpExact = (numerator: number, denominator: number): number => {
  const doubled = Math.abs(numerator) * 2 + denominator;
  const quotient = Math.floor(doubled / (denominator * 2));
  return numerator < 0 && quotient > 0 ? -quotient : quotient;
};

/** `rateBps` of `amountFen`, rounded half up to the fen, once. */
export const share = (amountFen: number, rateBps: number): number => {
  assert(
    Number.isSafeInteger(amountFen) && Number.isSafeInteger(rateBps),
    'amounts are whole fen, rates whole basis points',
  );
  const product = amountFen * rateBps;
  return isExact(Math.abs(product) * 2, BASIS_POINTS * 3)
    ? divideHalfUpExact(product, BASIS_POINTS)
    : toSafeNumber(divideHalfUp(BigInt(amountFen) * BigInt(rateBps), BigInt(BASIS_POINTS)));
};

const DECIMAL = /^([+-]?)(\d{1,15})(?:\.(\d+))?$/;

const [ZERO, NINE, POINT] = [48, 57, 46];
const EXACT_DIGITS = 15;

/** A plain decimal of few digits as a float that is a whole number; undefined for any other text. */
const shortDecimal = (text: string, scale: number): number | undefined => {
  let [value, digits, decimals] = [0, 0, -1];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === POINT && decimals < 0 && digits > 0) decimals = 0;
    else if (code < ZERO || code > NINE) return undefined;
    else {
      value = value * 10 + code - ZERO;
      digits += 1;
      if (decimals >= 0) decimals += 1;
    }
  }
  if (digits === 0 || decimals === 0 || decimals > scale) return undefined;
  const missing = scale - Math.max(0, decimals);
  return digits + missing > EXACT_DIGITS ? undefined : value * 10 ** missing;
};

/**
 * Reads an exact decimal text into an integer of `scale` decimals ('1.5', 4 → 15000). More decimals
 * than `scale` are refused.
 */
export const parseDecimal = (text: string, scale: number): bigint => {
  const short = shortDecimal(text, scale);
  if (short !== undefined) return BigInt(short);
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
export const parseYuan = (text: string): number =>
  shortDecimal(text, 2) ?? givenAmount(parseDecimal(text, 2));

/** Writes fen as yuan ('-0.05', '1234.50'), without grouping. */
export const formatYuan = (amountFen: number): string => {
  assert(Number.isSafeInteger(amountFen), 'an amount is whole fen');
  const absolute = Math.abs(amountFen);
  return `${amountFen < 0 ? '-' : ''}${Math.floor(absolute / 100)}.${String(absolute % 100).padStart(2, '0')}`;
};

/** What a quantity times a price is counted in: 4 and 6 decimals of a yuan, of which fen are two. */
const EXTENDED = 10 ** 8;

/**
 * quantity (4 decimals) × unit price in yuan (6 decimals), rounded half up to the fen, once. Throws
 * NOT_A_DECIMAL or AMOUNT_TOO_LARGE (invalid).
 */
export const extend = (quantity: string, unitPriceYuan: string): number => {
  const [units, price] = [shortDecimal(quantity, 4), shortDecimal(unitPriceYuan, 6)];
  if (units !== undefined && price !== undefined && isExact(units * price * 2, EXTENDED * 3))
    return divideHalfUpExact(units * price, EXTENDED);
  const product = parseDecimal(quantity, 4) * parseDecimal(unitPriceYuan, 6);
  return givenAmount(divideHalfUp(product, BigInt(EXTENDED)));
};

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
  const short = weights.reduce((total, weight) => total + weight, 0);
  assert(short > 0, 'a total is only allocated over positive weights');
  return isExact(totalFen * Math.max(...weights), short)
    ? allocateExact(totalFen, weights, short)
    : allocateLarge(totalFen, weights);
};

const byRemainder = <Value extends number | bigint>(remainders: readonly Value[]): number[] =>
  [...remainders.keys()].sort((a, b) =>
    remainders[a] === remainders[b] ? a - b : remainders[a]! > remainders[b]! ? -1 : 1,
  );

const allocateExact = (totalFen: number, weights: readonly number[], sum: number): number[] => {
  const parts: number[] = [];
  const remainders: number[] = [];
  let left = totalFen;
  for (const weight of weights) {
    const exact = totalFen * weight;
    const part = Math.floor(exact / sum);
    parts.push(part);
    remainders.push(exact - part * sum);
    left -= part;
  }
  if (left > 0) for (const index of byRemainder(remainders).slice(0, left)) parts[index]! += 1;
  return parts;
};

const allocateLarge = (totalFen: number, weights: readonly number[]): number[] => {
  const sum = weights.reduce((total, weight) => total + BigInt(weight), 0n);
  const exact = weights.map((weight) => BigInt(totalFen) * BigInt(weight));
  const parts = exact.map((value) => value / sum);
  const left = BigInt(totalFen) - parts.reduce((total, part) => total + part, 0n);
  const order = byRemainder(exact.map((value) => value % sum));
  for (const index of order.slice(0, Number(left))) parts[index]! += 1n;
  return parts.map(toSafeNumber);
};

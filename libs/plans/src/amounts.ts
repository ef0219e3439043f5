import { parseDecimal } from '@caretab/kernel';

/** A rate is whole millionths: 1_000_000 is 100 %, and 8.25 % is 82_500. */
export const WHOLE = 1_000_000;

/** Yuan as text, exact to the fen: "1500", "404.20". */
export const AMOUNT = '^\\d{1,10}(\\.\\d{1,2})?$';
/** A percentage as a policy page prints it: "82%", "7.25%". */
export const RATE = '^\\d{1,3}(\\.\\d{1,4})?%$';
const amountPattern = new RegExp(AMOUNT);
const ratePattern = new RegExp(RATE);

export const isAmount = (text: unknown): text is string =>
  typeof text === 'string' && amountPattern.test(text);
/** At most 100 %. */
export const isRate = (text: unknown): text is string =>
  typeof text === 'string' && ratePattern.test(text) && rateOf(text) <= WHOLE;

/** "404.20" → 40420 fen. */
export const fenOf = (text: string): number => Number(parseDecimal(text, 2));
/** "82%" → 820_000 millionths. */
export const rateOf = (text: string): number => Number(parseDecimal(text.slice(0, -1), 4));
/** 820_000 → "82%". */
export const rateText = (rate: number): string => `${String(rate / 10_000)}%`;

export type RoundTo = 1 | 10 | 100;
type How = 'half-up' | 'down';

/** Amounts with their rates: what they come to is exact, however large, and rounded once. */
export interface Part {
  readonly amountFen: number;
  readonly rate: number;
}

const exactlyRounded = (parts: readonly Part[], stepFen: RoundTo, how: How): number => {
  const unit = BigInt(WHOLE * stepFen);
  let exact = 0n;
  for (const { amountFen, rate } of parts) exact += BigInt(amountFen) * BigInt(rate);
  const whole = exact / unit;
  const up = how === 'half-up' && (exact - whole * unit) * 2n >= unit;
  return Number(up ? whole + 1n : whole) * stepFen;
};

/** Σ amount × rate in fen, in steps of 1, 10 or 100 fen, half up or down. */
export const rounded = (parts: readonly Part[], stepFen: RoundTo, how: How): number => {
  let exact = 0;
  for (const { amountFen, rate } of parts) exact += amountFen * rate;
  if (exact > Number.MAX_SAFE_INTEGER / 2) return exactlyRounded(parts, stepFen, how);
  const unit = WHOLE * stepFen;
  const whole = Math.floor(exact / unit);
  const rest = exact - whole * unit;
  return (how === 'half-up' && rest * 2 >= unit ? whole + 1 : whole) * stepFen;
};

/** `rate` of an amount, half up to the fen, once. */
export const shareOf = (amountFen: number, rate: number): number =>
  rounded([{ amountFen, rate }], 1, 'half-up');

/** Whether the calendar has a day, such as "2026-02-28". */
export const isDay = (text: string): boolean => {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text;
};

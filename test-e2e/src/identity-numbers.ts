import { createHash } from 'node:crypto';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const DAYS_OF_YEAR = 365;

const birthdayOf = (birthYear: number, dayOfYear: number): string =>
  new Date(Date.UTC(birthYear, 0, 1 + dayOfYear)).toISOString().slice(0, 10).replaceAll('-', '');

/** A number that follows `seed` and nothing else. */
const scatter = (seed: string, below: number): number =>
  createHash('sha256').update(seed).digest().readUInt32BE(0) % below;

/**
 * An invented ID number with a right check character (GB 11643, ISO 7064 MOD 11-2), the same for
 * the same seed.
 */
export const idNumberOf = (
  seed: string,
  birthYear: number,
  birthday = birthdayOf(birthYear, scatter(`${seed}/day`, DAYS_OF_YEAR)),
): string => {
  const order = String(scatter(`${seed}/order`, 1000)).padStart(3, '0');
  const body = `330106${birthday}${order}`;
  return (
    body +
    '10X98765432'[
      [...body].reduce((sum, digit, index) => sum + Number(digit) * WEIGHTS[index]!, 0) % 11
    ]!
  );
};

/** An invented mobile number, the same for the same seed. */
export const mobileOf = (seed: string): string =>
  `138${String(scatter(`${seed}/mobile`, 100_000_000)).padStart(8, '0')}`;

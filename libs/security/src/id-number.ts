import { DomainError } from '@caretab/kernel';

/**
 * A citizen's ID number, read (GB 11643-1999): area (GB/T 2260), birth date, sex by the parity of
 * the sequence, check character.
 */
export interface IdNumber {
  /** The 18 characters, upper case. */
  readonly value: string;
  readonly areaCode: string;
  /** YYYY-MM-DD. */
  readonly birthDate: string;
  readonly sex: 'male' | 'female';
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const CHECKS = '10X98765432';

/** Provinces of GB/T 2260, with 83 for the residence permit of people from Taiwan. */
const PROVINCES = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(
    ' ',
  ),
);

/** The check character of 17 digits: ISO 7064 MOD 11-2 with the weights of GB 11643. */
export const idNumberCheck = (body17: string): string => {
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(body17[index]), 0);
  return CHECKS[sum % 11]!;
};

/**
 * Writes an old number of 15 digits with 18: the century is inserted and the check character
 * appended. Old numbers were given to people born in the 1900s.
 */
export const upgradeIdNumber = (old15: string): string => {
  const body = `${old15.slice(0, 6)}19${old15.slice(6)}`;
  return body + idNumberCheck(body);
};

/**
 * The one written form: full-width digits narrowed, blanks left out, X upper case, 15 digits
 * upgraded. Does not check.
 */
export const normaliseIdNumber = (text: string): string => {
  const plain = text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();
  return /^\d{15}$/.test(plain) ? upgradeIdNumber(plain) : plain;
};

const isRealDate = (date: string): boolean => {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === date;
};

const refuse = (fault: string): never => {
  throw new DomainError('ID_NUMBER_INVALID', 'invalid', { fault });
};

/**
 * Reads an ID number of 18 (or, old, 15) characters. `today` is YYYY-MM-DD. Throws
 * ID_NUMBER_INVALID (invalid) with the fault FORMAT, AREA, BIRTH_DATE or CHECK_CHARACTER, and never
 * with the number.
 */
export const readIdNumber = (text: string, today: string): IdNumber => {
  const value = normaliseIdNumber(text);
  if (!/^\d{17}[\dX]$/.test(value)) refuse('FORMAT');
  const areaCode = value.slice(0, 6);
  if (!PROVINCES.has(areaCode.slice(0, 2))) refuse('AREA');
  const birthDate = `${value.slice(6, 10)}-${value.slice(10, 12)}-${value.slice(12, 14)}`;
  if (!isRealDate(birthDate) || birthDate < '1850-01-01' || birthDate > today) refuse('BIRTH_DATE');
  if (idNumberCheck(value) !== value[17]) refuse('CHECK_CHARACTER');
  return { value, areaCode, birthDate, sex: Number(value[16]) % 2 === 1 ? 'male' : 'female' };
};

/**
 * Whole years from a birth date to a day (both YYYY-MM-DD). A year is complete on the birthday; 29
 * February counts from 1 March.
 */
export const ageOn = (birthDate: string, day: string): number => {
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return day.slice(5) < birthDate.slice(5) ? years - 1 : years;
};

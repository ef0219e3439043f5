import { DomainError } from './errors';

/**
 * An ID number, read (GB 11643-1999): area (GB/T 2260), birth date, sex by the parity of the
 * sequence, check character. Residence permits have numbers of the same form: those of people from
 * Hong Kong, Macao and Taiwan with the area 810000, 820000 or 830000 (State Council, 2018); the
 * permanent residence card of foreigners (five stars, since 2023) with 9, the province and the
 * country of the bearer in place of the area.
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

/** What residence permits of people from Hong Kong, Macao and Taiwan have in place of an area. */
const PERMIT_AREAS = new Set(['810000', '820000', '830000']);
/** A foreigner's permanent residence card as it was until 2023: a country, 12 digits. */
const OLD_RESIDENCE_CARD = /^[A-Z]{3}\d{12}$/;

/** Provinces of GB/T 2260. */
const PROVINCES = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71'.split(
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

const isArea = (areaCode: string): boolean =>
  areaCode.startsWith('9')
    ? PROVINCES.has(areaCode.slice(1, 3))
    : PROVINCES.has(areaCode.slice(0, 2)) || PERMIT_AREAS.has(areaCode);

export type IdNumberFault =
  'FORMAT' | 'AREA' | 'BIRTH_DATE' | 'CHECK_CHARACTER' | 'OLD_RESIDENCE_CARD';

/**
 * What is wrong with an impossible ID number, or undefined. Neither century nor sex can be
 * read from OLD_RESIDENCE_CARD; the new card has a number of 18. `today` is YYYY-MM-DD.
 */
export const idNumberFault = (text: string, today: string): IdNumberFault | undefined => {
  const value = normaliseIdNumber(text);
  if (OLD_RESIDENCE_CARD.test(value)) return 'OLD_RESIDENCE_CARD';
  if (!/^\d{17}[\dX]$/.test(value)) return 'FORMAT';
  if (!isArea(value.slice(0, 6))) return 'AREA';
  const birthDate = birthDateIn(value);
  if (!isRealDate(birthDate) || birthDate < '1850-01-01' || birthDate > today) return 'BIRTH_DATE';
  return idNumberCheck(value) === value[17] ? undefined : 'CHECK_CHARACTER';
};

const birthDateIn = (value: string): string =>
  `${value.slice(6, 10)}-${value.slice(10, 12)}-${value.slice(12, 14)}`;

/**
 * Reads an ID number of 18 (or, old, 15) characters. `today` is YYYY-MM-DD. Throws
 * ID_NUMBER_INVALID (invalid) with the `fault` of `idNumberFault`, and never with the number.
 */
export const readIdNumber = (text: string, today: string): IdNumber => {
  const fault = idNumberFault(text, today);
  if (fault) throw new DomainError('ID_NUMBER_INVALID', 'invalid', { fault });
  const value = normaliseIdNumber(text);
  return {
    value,
    areaCode: value.slice(0, 6),
    birthDate: birthDateIn(value),
    sex: Number(value[16]) % 2 === 1 ? 'male' : 'female',
  };
};

/**
 * Whole years from a birth date to a day (both YYYY-MM-DD). A year is complete on the birthday; 29
 * February counts from 1 March.
 */
export const ageOn = (birthDate: string, day: string): number => {
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return day.slice(5) < birthDate.slice(5) ? years - 1 : years;
};

/** Blanks and hyphens by which people write a number in groups. */
const GROUPED = /(?<=\d)[\s-](?=[\dX])/g;
const RUN = /(?<!\d)\d{17}[\dX](?!\d)/g;
/** A text is judged without a clock: no birth date after it makes a number impossible. */
const ANY_DAY = '2100-01-01';

/**
 * Whether a text holds what passes area, birth date and check character of an ID number, in groups
 * or in full-width digits, too. Old numbers of 15 digits have no check character and are not found.
 */
export const holdsIdNumber = (text: string): boolean => {
  const plain = text.normalize('NFKC').toUpperCase();
  return [plain, plain.replace(GROUPED, '')]
    .flatMap((form) => form.match(RUN) ?? [])
    .some((run) => idNumberFault(run, ANY_DAY) === undefined);
};

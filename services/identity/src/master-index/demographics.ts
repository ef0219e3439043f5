import { idNumberFault, normaliseIdNumber, readIdNumber } from '@caretab/kernel';
import { isPlaceholder, nameForms, type NameForms } from './names';

/** Kinds of numbers that belong to one person. A household or a policy has one number for several. */
const PERSONAL: readonly string[] = ['insurance', 'passport', 'residence-permit', 'health-card'];

/** What a source says of a person, as it is sealed. */
export interface Demographics {
  readonly name?: string;
  readonly idNumber?: string;
  /** YYYY-MM-DD. */
  readonly birthDate?: string;
  readonly sex?: 'male' | 'female';
  readonly mobile?: string;
  readonly address?: string;
  /** Numbers of other domains that the source knows. */
  readonly identifiers?: readonly { readonly type: string; readonly value: string }[];
  readonly newborn?: {
    readonly motherIdNumber?: string;
    /** Of twins: 1, 2, … */
    readonly birthOrder?: number;
  };
}

/** The same in the one form that is compared; what cannot be believed is left out. */
export interface Compared {
  readonly name?: NameForms;
  readonly idNumber?: string;
  /** Area, birth date and check character are right. */
  readonly isIdNumberRight: boolean;
  readonly birthDate?: string;
  readonly sex?: 'male' | 'female';
  readonly mobile?: string;
  readonly address?: string;
  readonly mother?: string;
  readonly birthOrder?: number;
  /** `<type> <value>` of each further number. */
  readonly identifiers: readonly string[];
}

const plainText = (text: string): string =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{P}]/gu, '');
/** A mainland mobile number; any other number is not compared. */
const mobileIn = (text: string): string | undefined =>
  /^(?:\+?86|0086)?(1[3-9]\d{9})$/.exec(text.normalize('NFKC').replace(/[\s()-]/g, ''))?.[1];

/** By what a number of a domain is found, whatever its blanks and case. */
export const identifierText = (type: string, value: string): string =>
  `${type} ${type === 'id-number' ? normaliseIdNumber(value) : plainText(value)}`;

/**
 * A newborn comes under its mother's numbers: an ID number with another birth date is the mother's,
 * a name like "the son of" is none, and the mobile number says nothing of the child. `today` is
 * YYYY-MM-DD.
 */
export const comparedOf = (given: Demographics, today: string): Compared => {
  const number = given.idNumber && normaliseIdNumber(given.idNumber);
  const isRight = number !== undefined && number !== '' && !idNumberFault(number, today);
  const read = isRight ? readIdNumber(number, today) : undefined;
  const isAnothers =
    read !== undefined && given.birthDate !== undefined && read.birthDate !== given.birthDate;
  const isNamed = given.name !== undefined && !isPlaceholder(given.name);
  const isNewborn = given.newborn !== undefined || (given.name !== undefined && !isNamed);
  const own = isAnothers ? undefined : number;
  const said = given.newborn?.motherIdNumber ?? (isNewborn && isAnothers ? number : undefined);
  const birthDate = given.birthDate ?? read?.birthDate;
  const sex = given.sex ?? (isAnothers ? undefined : read?.sex);
  const mobile = given.mobile && !isNewborn ? mobileIn(given.mobile) : undefined;
  const address = given.address && plainText(given.address);
  return {
    ...(isNamed && { name: nameForms(given.name!) }),
    ...(own && { idNumber: own }),
    isIdNumberRight: isRight && !isAnothers,
    ...(birthDate && { birthDate }),
    ...(sex && { sex }),
    ...(mobile && { mobile }),
    ...(address && { address }),
    ...(said && { mother: normaliseIdNumber(said) }),
    ...(given.newborn?.birthOrder !== undefined && { birthOrder: given.newborn.birthOrder }),
    identifiers: (given.identifiers ?? [])
      .filter(({ type }) => PERSONAL.includes(type))
      .map(({ type, value }) => identifierText(type, value)),
  };
};

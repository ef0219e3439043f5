import type { Frozen, Holder, HolderField, Registration } from '@caretab/contracts';
import { DomainError, ageOn, normaliseIdNumber, readIdNumber } from '@caretab/kernel';
import {
  maskEmail,
  maskIdNumber,
  maskMobile,
  maskName,
  normaliseName,
  readEmail,
  readMobile,
  readName,
} from '@caretab/security';

/** One credential of a person beside the ID number. */
export type Credential = NonNullable<Registration['credentials']>[number];

/** What is sealed of a person, in one written form. */
export interface PersonalData {
  readonly name: string;
  readonly idNumber: string;
  readonly mobile: string;
  /** YYYY-MM-DD. */
  readonly birthDate: string;
  readonly sex: 'male' | 'female';
  readonly email?: string;
  readonly language?: 'zh' | 'en';
}

/**
 * The three factors of activation (DB3301/T 0375-2022: name, ID number, mobile number), each
 * checked. `today` is YYYY-MM-DD. Throws NAME_INVALID, ID_NUMBER_INVALID, MOBILE_INVALID (invalid),
 * IDENTITY_CONTRADICTS (unprocessable: birth date or sex is not what the ID number says; GB 11643:
 * digits 7 to 14, parity of the 17th), none with a value.
 */
export const readRegistration = (given: Frozen<Registration>, today: string): PersonalData => {
  const { value, birthDate, sex } = readIdNumber(given.idNumber, today);
  for (const [field, said, known] of [
    ['/birthDate', given.birthDate, birthDate],
    ['/sex', given.sex, sex],
  ] as const)
    if (said !== undefined && said !== known)
      throw new DomainError('IDENTITY_CONTRADICTS', 'unprocessable', {
        field,
        why: 'the ID number says otherwise',
        remedy: 'check how the document was read, and whose it is',
      });
  return {
    name: readName(given.name),
    idNumber: value,
    mobile: readMobile(given.mobile),
    birthDate,
    sex,
    ...(given.email !== undefined && { email: readEmail(given.email) }),
    ...(given.language !== undefined && { language: given.language }),
  };
};

/**
 * What of a holder is not as it is registered; a field that is not given does not differ. Names are
 * compared in one writing, a birth date as exactly as it is given (YYYY[-MM[-DD]]).
 */
export const differences = (known: PersonalData, holder: Frozen<Holder>): HolderField[] => {
  const { names, birthDate, sex } = holder;
  const name = normaliseName(known.name);
  return [
    ...(names?.every((one) => normaliseName(one) !== name) ? (['name'] as const) : []),
    ...(birthDate !== undefined && !known.birthDate.startsWith(birthDate)
      ? (['birthDate'] as const)
      : []),
    ...(sex !== undefined && sex !== known.sex ? (['sex'] as const) : []),
  ];
};

/** Under 18 on a day (YYYY-MM-DD); in Xiaoshan's rule a guardian signs for them. */
export const isMinor = ({ birthDate }: Pick<PersonalData, 'birthDate'>, day: string): boolean =>
  ageOn(birthDate, day) < 18;

/** Throws PERSON_CONFLICT (conflict) where the ID number is registered under another name. */
export const assertSameName = (known: PersonalData, name: string): void => {
  if (normaliseName(known.name) !== normaliseName(name))
    throw new DomainError('PERSON_CONFLICT', 'conflict', { field: 'name' });
};

/**
 * What a repeated registration makes of the data: undefined when it says nothing new. A field left
 * out stays as it was; so does the mobile number, which only an activation changes. Throws
 * PERSON_CONFLICT (conflict) when the ID number is registered under another name.
 */
export const updated = (known: PersonalData, given: PersonalData): PersonalData | undefined => {
  assertSameName(known, given.name);
  const { email = known.email, language = known.language } = given;
  if (email === known.email && language === known.language) return undefined;
  return {
    ...known,
    ...(email !== undefined && { email }),
    ...(language !== undefined && { language }),
  };
};

/** The one written form of a credential's value, by which it is indexed. */
export const normaliseCredential = (type: string, value: string): string =>
  type === 'id-number' ? normaliseIdNumber(value) : value.normalize('NFKC').trim();

export interface MaskedPerson {
  readonly name: string;
  readonly idNumber: string;
  readonly mobile: string;
  readonly email?: string;
  readonly minor: boolean;
}

/** What a screen may show. */
export const masked = (person: PersonalData, day: string): MaskedPerson => ({
  name: maskName(person.name),
  idNumber: maskIdNumber(person.idNumber),
  mobile: maskMobile(person.mobile),
  ...(person.email !== undefined && { email: maskEmail(person.email) }),
  minor: isMinor(person, day),
});

export interface Contact {
  readonly email?: string;
  readonly mobile: string;
  readonly language?: 'zh' | 'en';
}

export const contactOf = ({ email, mobile, language }: PersonalData): Contact => ({
  mobile,
  ...(email !== undefined && { email }),
  ...(language !== undefined && { language }),
});

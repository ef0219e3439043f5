import type { DomainError, ErrorDetail } from '@caretab/kernel';
import type { CardFileReject } from './card-file.table';

type Said = readonly [field: string, why: string, whatToDo: string];

/** Of codes whose error says less than a sender needs. */
const REJECTS: ReadonlyMap<string, Said> = new Map([
  ['CARD_UNKNOWN', ['/number', 'the card ended with the data of its holder', 'leave the row out']],
  [
    'ERASURE_UNDER_WAY',
    ['/number', 'the data of the card’s holder is being erased', 'leave the row out'],
  ],
  ['PERSON_DIED', ['/number', 'the holder has died', 'leave the row out']],
  ['PERSON_UNKNOWN', ['/idNumber', 'no person is registered by this', 'send the resident first']],
  ['PERSONAL_DATA_DESTROYED', ['/idNumber', 'the data was erased', 'leave the row out']],
  [
    'PERSON_CONFLICT',
    [
      '/name',
      'another name is registered by this ID number',
      'check the row; where it is right the person shows the ID card at a desk',
    ],
  ],
  ['ID_NUMBER_INVALID', ['/idNumber', 'it is no ID number', 'check how it was typed']],
  ['NAME_INVALID', ['/name', 'it is no name as a register has it', 'check how it was typed']],
  ['MOBILE_INVALID', ['/mobile', 'it is no mobile number', 'check how it was typed']],
  ['EMAIL_INVALID', ['/email', 'it is no e-mail address', 'check how it was typed']],
  [
    'CREDENTIAL_CONFLICT',
    ['/number', 'the number is another person’s card', 'check which card was handed to whom'],
  ],
  ['CHILD_CARD_AGE', ['/child', 'the holder is seven or older', 'send it as no child card']],
]);

const text = (value: unknown, otherwise: string): string =>
  typeof value === 'string' ? value : otherwise;

/** Why a row was not taken. It repeats nothing that the row says. */
export const rejectOf = (row: number, { code, details }: DomainError): CardFileReject => {
  const [field, why, whatToDo] = REJECTS.get(code) ?? ['/', code, `look up ${code}`];
  const said = details as Readonly<Record<string, unknown>>;
  const isWhole = typeof said['why'] === 'string' && typeof said['remedy'] === 'string';
  return {
    ...{ row, code },
    field: isWhole ? text(said['field'], field) : field,
    why: isWhole ? text(said['why'], why) : why,
    whatToDo: isWhole ? text(said['remedy'], whatToDo) : whatToDo,
  };
};

/** A field as a kind of file could have it: what else a sender calls one is not repeated. */
const FIELD = /^\/[A-Za-z]{1,40}$/;

/** Of a row that is not as its kind of file has it. */
export const unfit = (row: number, { field, why, remedy }: ErrorDetail): CardFileReject => ({
  ...{ row, code: 'REQUEST_INVALID', why: why ?? 'it does not fit' },
  field: FIELD.test(field) ? field : '/',
  whatToDo: remedy ?? 'correct the field as the guide has it',
});

import { businessDateOf } from '@caretab/contracts';
import { DomainError, idNumberFault, type IdNumberFault } from '@caretab/kernel';
import type { Credential } from './submission';

const WHY: Readonly<Record<IdNumberFault, string>> = {
  FORMAT: 'the ID number has neither 18 nor 15 characters',
  AREA: 'the ID number begins with no area (its digits 1 to 6)',
  BIRTH_DATE: 'the ID number has no possible birth date (its digits 7 to 14)',
  CHECK_CHARACTER: 'the check digit of the ID number (its last character) is wrong',
  OLD_RESIDENCE_CARD: 'the number is that of a residence card of before 2023, which is not read',
};

/** CREDENTIAL_INVALID for an impossible ID number: it was misread, not unregistered. */
export const misread = ({ type, value }: Credential, now: Date): DomainError | undefined => {
  const fault = type === 'id-number' ? idNumberFault(value, businessDateOf(now)) : undefined;
  return (
    fault &&
    new DomainError('CREDENTIAL_INVALID', 'invalid', {
      credential: type,
      why: WHY[fault],
      remedy: 'compare the number with the document, digit by digit, and send it again',
    })
  );
};

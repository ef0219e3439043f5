import { DomainError } from '@caretab/kernel';

const CODES: ReadonlySet<string> = new Set([
  'PERSON_UNKNOWN',
  'CREDENTIAL_INVALID',
  'CARD_NOT_VALID',
  'CARD_REPLACED',
  'CODE_EXPIRED',
  'CODE_USED',
  'PERSON_DIED',
]);

/** A credential beside another that leads to no one says nothing of whom the message is about. */
export const saysNothing = (error: unknown): boolean =>
  error instanceof DomainError && CODES.has(error.code);

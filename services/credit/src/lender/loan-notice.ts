import { DomainError } from '@caretab/kernel';
import { bankKeyOf, isSignedBy } from './bank-key';

/** As it comes in: what a bank signed. */
export interface SignedNotice {
  readonly lenderId: string;
  readonly at: string;
  readonly signature: string;
}

const SIGNED_MS = 5 * 60_000;

/**
 * Throws SIGNATURE_WRONG (unauthenticated): not by the bank's own key over `at.lenderId.` and what is
 * said, or not of now.
 */
export const assertSigned = (
  { lenderId, at, signature }: SignedNotice,
  said: readonly (string | number)[],
  { secret, now }: { readonly secret: string | undefined; readonly now: Date },
): void => {
  const isOfNow = Math.abs(now.getTime() - Date.parse(at)) <= SIGNED_MS;
  const isSigned =
    secret !== undefined &&
    isSignedBy(signature, bankKeyOf(secret, lenderId), at, lenderId, ...said.map(String));
  if (!isOfNow || !isSigned) throw new DomainError('SIGNATURE_WRONG', 'unauthenticated');
};

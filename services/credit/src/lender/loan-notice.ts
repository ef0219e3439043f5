import { createHmac, timingSafeEqual } from 'node:crypto';
import { DomainError } from '@caretab/kernel';

/** As it comes in: what a bank signed. */
export interface SignedNotice {
  readonly lenderId: string;
  readonly visitId: string;
  readonly kind: 'repaid' | 'overdue';
  readonly amountFen: number;
  readonly at: string;
  readonly signature: string;
}

const SIGNED_MS = 5 * 60_000;

/** Throws SIGNATURE_WRONG (unauthenticated): not by the secret, or not of now. */
export const assertSigned = (
  { lenderId, visitId, kind, amountFen, at, signature }: SignedNotice,
  { secret, now }: { readonly secret: string | undefined; readonly now: Date },
): void => {
  const isOfNow = Math.abs(now.getTime() - Date.parse(at)) <= SIGNED_MS;
  const text = [at, lenderId, visitId, kind, String(amountFen)].join('.');
  const expected =
    secret === undefined ? '' : createHmac('sha256', secret).update(text).digest('hex');
  const isSigned =
    secret !== undefined &&
    expected.length === signature.length &&
    timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
  if (!isOfNow || !isSigned) throw new DomainError('SIGNATURE_WRONG', 'unauthenticated');
};

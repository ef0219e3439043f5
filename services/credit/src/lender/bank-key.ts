import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a bank signs with, and we to it: its own, so that no bank speaks for another. */
export const bankKeyOf = (secret: string, lenderId: string): string =>
  createHmac('sha256', secret).update(lenderId).digest('hex');

/** HMAC-SHA256 in hex over the parts, by the bank's key. */
export const signedBy = (key: string, ...parts: readonly string[]): string =>
  createHmac('sha256', key).update(parts.join('.')).digest('hex');

/** Compared in constant time. */
export const isSignedBy = (
  signature: string | null,
  key: string,
  ...parts: readonly string[]
): boolean => {
  const expected = signedBy(key, ...parts);
  return (
    signature?.length === expected.length &&
    timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
  );
};

import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * How far a request's timestamp may be off, so that a request that was overheard cannot be sent
 * again for ever.
 */
export const SIGNATURE_AGE_MAX_MS = 5 * 60 * 1000;

export interface SignedRequest {
  readonly method: string;
  /** Path with query, as it stands on the request line. */
  readonly path: string;
  readonly body: string;
}

/**
 * HMAC-SHA256 in hex over `timestamp.METHOD.path.body`; the timestamp is milliseconds since 1970.
 */
export const signRequest = (
  secret: string,
  timestampMs: number,
  { method, path, body }: SignedRequest,
): string =>
  createHmac('sha256', secret)
    .update(`${timestampMs}.${method.toUpperCase()}.${path}.${body}`)
    .digest('hex');

/**
 * Whether the headers `caretab-timestamp` and `caretab-signature` fit the request and are fresh.
 */
export const isSigned = (
  secret: string,
  nowMs: number,
  request: SignedRequest,
  headers: { readonly timestamp: string | undefined; readonly signature: string | undefined },
): boolean => {
  const timestampMs = Number(headers.timestamp ?? Number.NaN);
  if (!Number.isSafeInteger(timestampMs) || Math.abs(nowMs - timestampMs) > SIGNATURE_AGE_MAX_MS)
    return false;
  const expected = Buffer.from(signRequest(secret, timestampMs, request));
  const given = Buffer.from(headers.signature ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
};

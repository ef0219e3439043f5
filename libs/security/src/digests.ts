import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { assert } from '@caretab/kernel';
import type { Randomness } from './seal';

/**
 * A keyed fingerprint by which a value is found without being stored: HMAC-SHA-256, base64url.
 * `normalisedValue` is the one written form of the value; two types never share an index, whatever
 * their values are.
 */
export const blindIndex = (key: Buffer, type: string, normalisedValue: string): string => {
  assert(key.length === 32, 'a blind index key has 32 bytes');
  return createHmac('sha256', key)
    .update(JSON.stringify([type, normalisedValue]))
    .digest('base64url');
};

/** Compares two secrets in constant time. */
export const sameSecret = (one: string, other: string): boolean => {
  // Hashing first makes the lengths equal, so that not even the length shows.
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text, 'utf8').digest());
  return timingSafeEqual(a!, b!);
};

/** A fresh API key: 256 random bits behind a prefix that secret scanners can find. */
export const newApiKey = (randomness: Randomness = randomBytes): string =>
  `ctk_${randomness(32).toString('base64url')}`;

/**
 * What is stored of an API key. The key is 256 random bits, so one SHA-256 without salt is enough
 * and can be looked up.
 */
export const apiKeyHash = (apiKey: string): string =>
  createHash('sha256').update(`caretab api key ${apiKey}`, 'utf8').digest('base64url');

const signatureOf = (secret: string, timestampSeconds: number, body: string): string =>
  createHmac('sha256', secret).update(`${timestampSeconds}.${body}`, 'utf8').digest('hex');

/** The signature header of a webhook: `t=<unix seconds>,v1=<hex HMAC-SHA-256 of "<t>.<body>">`. */
export const sign = (secret: string, timestamp: Date, body: string): string => {
  const timestampSeconds = Math.floor(timestamp.getTime() / 1000);
  return `t=${timestampSeconds},v1=${signatureOf(secret, timestampSeconds, body)}`;
};

const HEADER = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/;

/**
 * Whether a signature header was made with this secret over this body, not longer than
 * `toleranceMs` before or after `now`.
 */
export const verify = (
  secret: string,
  header: string,
  body: string,
  { now, toleranceMs }: { readonly now: Date; readonly toleranceMs: number },
): boolean => {
  const match = HEADER.exec(header);
  if (!match) return false;
  const timestampSeconds = Number(match[1]);
  const fresh = Math.abs(now.getTime() - timestampSeconds * 1000) <= toleranceMs;
  return sameSecret(match[2]!, signatureOf(secret, timestampSeconds, body)) && fresh;
};

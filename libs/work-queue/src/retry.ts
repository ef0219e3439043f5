import { derivedId } from '@caretab/kernel';

/** Jitter shortens a delay by at most this share. */
const JITTER_MAX = 0.1;

/**
 * A share of 0 to 1 that differs from key to key and from time to time. It derives from both, and
 * needs no source of randomness.
 */
export const jitterOf = (key: string, times: number): number =>
  parseInt(derivedId('jitter', key, String(times)).slice(0, 8), 16) / 2 ** 32;

/**
 * The delay in ms before the next attempt: `delaysMs` in turn, the last one repeating, so that it
 * bounds the backoff. Jitter shortens it by up to 10 %, so that items which failed together are not
 * retried together.
 */
export const retryDelayMs = (delaysMs: readonly number[], retries: number, key: string): number => {
  const delayMs = delaysMs[Math.min(retries, delaysMs.length - 1)] ?? 0;
  return Math.ceil(delayMs * (1 - JITTER_MAX * jitterOf(key, retries)));
};

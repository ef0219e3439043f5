import { derivedId } from '@caretab/kernel';

/** Jitter shortens a delay by at most this share. */
const JITTER_MAX = 0.1;

/**
 * The delay in ms before the next attempt: `delaysMs` in turn, the last one repeating, so that it
 * bounds the backoff. Jitter shortens it by up to 10 %, so that items which failed together are not
 * retried together; it derives from the item's key and needs no source of randomness.
 */
export const retryDelayMs = (delaysMs: readonly number[], retries: number, key: string): number => {
  const delayMs = delaysMs[Math.min(retries, delaysMs.length - 1)] ?? 0;
  const spread = parseInt(derivedId('jitter', key, String(retries)).slice(0, 8), 16) / 2 ** 32;
  return Math.ceil(delayMs * (1 - JITTER_MAX * spread));
};

import { randomUUID } from 'node:crypto';
import type { Ids, Timers } from '@caretab/kernel';

/** Names of members and instances; no business id comes from here. */
export const realIds: Ids = { next: () => randomUUID() };

/** Spreads retries; nothing else hangs on it. */
export const realChance = (): number => Math.random();

/** Real waiting, for adapters that are given no timers; resolves early when the signal aborts. */
export const realTimers: Timers = {
  sleep: (durationMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, durationMs);
      signal?.addEventListener('abort', end);
    }),
};

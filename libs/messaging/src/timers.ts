import type { Timers } from '@caretab/kernel';

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

import { randomUUID } from 'node:crypto';
import type { Clock, Ids, Timers } from '@caretab/kernel';

/** The machine's own time. */
export const systemClock: Clock = { now: () => new Date() };

/** Random UUIDs. */
export const systemIds: Ids = { next: () => randomUUID() };

/** In [0, 1). Spreads what would else come all at once; nothing else hangs on it. */
export const systemChance = (): number => Math.random();

/** Real waiting; resolves early when the signal aborts. */
export const systemTimers: Timers = {
  sleep: (durationMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, durationMs);
      signal?.addEventListener('abort', done);
    }),
};

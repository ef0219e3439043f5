import { FollowedClock } from './followed-clock';
import type { Ids, Timers } from './ports';

/** Milliseconds that only go forward, whatever is done to the clock: for durations alone. */
export const systemElapsed = (): number => performance.now();

/** The time of this process; a running service follows its database's. */
export const systemClock = new FollowedClock({ now: () => new Date() }, systemElapsed);

/** Random UUIDs: names of instances and members. A business id is derived from its cause. */
export const systemIds: Ids = { next: () => globalThis.crypto.randomUUID() };

/** Random jitter in [0, 1); used for nothing else. */
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

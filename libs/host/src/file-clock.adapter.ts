import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from '@caretab/kernel';

/** A change of the file is seen within this time. */
export const CLOCK_FILE_READ_INTERVAL_MS = 50;

/**
 * A clock for rehearsals: the process's, ahead by the milliseconds (behind, if negative) that the file
 * has as text. Read often, so that several processes go by one file. Without a file, or with another
 * content, it is the process's clock.
 */
export const fileClock = (path: string, own: Clock = systemClock): Clock => {
  let aheadMs = 0;
  let readAtMs = Number.NEGATIVE_INFINITY;
  const read = (): number => {
    try {
      const found = Number(readFileSync(path, 'utf8'));
      return Number.isSafeInteger(found) ? found : 0;
    } catch {
      return 0;
    }
  };
  return {
    now: () => {
      const nowMs = own.now().getTime();
      // A clock that was set back delays no reading.
      if (Math.abs(nowMs - readAtMs) >= CLOCK_FILE_READ_INTERVAL_MS) {
        aheadMs = read();
        readAtMs = nowMs;
      }
      return new Date(nowMs + aheadMs);
    },
  };
};

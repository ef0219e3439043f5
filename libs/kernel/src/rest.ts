/**
 * On a machine with nothing else to do a batch takes few ms, and so does the rest after it. Where all
 * are busy, a few large batches cost far less than many small ones.
 */
const REST_FACTOR = 3;

/**
 * How long a reader rests after a batch that took so long, so that what comes meanwhile
 * is worked together; ms, at most `maxMs`. The first that comes after the rest does not wait.
 */
export const restAfter = (tookMs: number, maxMs: number): number =>
  Math.min(REST_FACTOR * Math.max(0, tookMs), maxMs);

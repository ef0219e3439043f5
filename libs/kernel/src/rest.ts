/** How long a reader rests after a batch: so many times as long as it took, at most `maxMs`. */
export interface Rest {
  readonly factor: number;
  readonly maxMs: number;
}

/**
 * On a machine with nothing else to do a batch takes few ms, and so does the rest after it. Where all
 * are busy, a few large batches cost far less than many small ones. Who waits says how far that goes.
 */
export const REST = {
  /** Every charge waits. */
  onTheWay: { factor: 3, maxMs: 20 },
  /** A visit's opening or its verdict waits. */
  awaited: { factor: 8, maxMs: 200 },
  /** No one at a hospital waits: money is collected, notices are sent, views are written. */
  gathering: { factor: 12, maxMs: 1000 },
} as const satisfies Record<string, Rest>;

/**
 * The rest after a batch that took so many ms, so that what comes meanwhile is worked together. The
 * first that comes after the rest does not wait.
 */
export const restAfter = (tookMs: number, { factor, maxMs }: Rest): number =>
  Math.min(factor * Math.max(0, tookMs), maxMs);

import { setTimeout as sleep } from 'node:timers/promises';
const FIRST_PAUSE_MS = 100;
const PAUSE_MAX_MS = 2000;
/** Long enough to read that a service died, and to start it again by hand. */
const PATIENCE_MS = 120_000;
const WAIT_MAX_MS = 60_000;

/** No definite answer came, or the answer was to retry later; the same may be asked again. */
export class Unavailable extends Error {
  /** The shortest delay that the other side asks for; 0 without one. */
  readonly waitMs: number;

  constructor(
    message: string,
    { waitMs = 0, ...options }: ErrorOptions & { readonly waitMs?: number } = {},
  ) {
    super(message, options);
    this.name = 'Unavailable';
    this.waitMs = waitMs;
  }
}

/** A `Retry-After` in whole seconds, in milliseconds; 0 without one, a minute at most. */
export const retryAfterMs = (header: string | null): number =>
  /^\d{1,9}$/.test(header ?? '') ? Math.min(Number(header) * 1000, WAIT_MAX_MS) : 0;

export const pause = (durationMs: number): Promise<void> => sleep(durationMs);

export interface Patience {
  /** Afterwards the last failure is thrown. */
  readonly timeoutMs?: number;
  readonly firstPauseMs?: number;
  readonly pauseMaxMs?: number;
  /** For tests that do not wait. */
  readonly sleep?: (durationMs: number) => Promise<void>;
}

/**
 * Retries what fails with Unavailable, with exponential backoff and never sooner than asked, for
 * two minutes unless given. Only for idempotent work. Throws the last failure, and any other at
 * once.
 */
export const patiently = async <Result>(
  work: () => Promise<Result>,
  {
    timeoutMs = PATIENCE_MS,
    firstPauseMs = FIRST_PAUSE_MS,
    pauseMaxMs = PAUSE_MAX_MS,
    sleep = pause,
  }: Patience = {},
): Promise<Result> => {
  const giveUpAt = performance.now() + timeoutMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, pauseMaxMs)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unavailable) || performance.now() > giveUpAt) throw error;
      await sleep(Math.max(pauseMs, error.waitMs));
    }
  }
};

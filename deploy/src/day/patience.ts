const FIRST_PAUSE_MS = 100;
const PAUSE_MAX_MS = 2000;
/** Long enough for an operator to read that a service died, and to restart it. */
const PATIENCE_MS = 120_000;
const WAIT_MAX_MS = 60_000;

/** The server is down, or asks for a later retry; the request may be repeated. */
export class NotNow extends Error {
  /** The server's `Retry-After` in milliseconds; 0 without one. */
  readonly waitMs: number;

  constructor(
    message: string,
    { waitMs = 0, ...options }: ErrorOptions & { readonly waitMs?: number } = {},
  ) {
    super(message, options);
    this.name = 'NotNow';
    this.waitMs = waitMs;
  }
}

/** A `Retry-After` in whole seconds, in milliseconds; 0 without one, a minute at most. */
export const retryAfterMs = (header: string | null): number =>
  /^\d{1,9}$/.test(header ?? '') ? Math.min(Number(header) * 1000, WAIT_MAX_MS) : 0;

export const pause = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

/**
 * Retries what fails with NotNow, with backoff and never before `Retry-After`, for two minutes;
 * then throws the last failure. Only for idempotent work.
 */
export const patiently = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NotNow) || performance.now() > giveUpAt) throw error;
      await pause(Math.max(pauseMs, error.waitMs));
    }
  }
};

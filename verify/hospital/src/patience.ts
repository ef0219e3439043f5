const FIRST_PAUSE_MS = 100;
const PAUSE_MAX_MS = 2000;
/** Long enough for somebody to read that a service died, and to start it again by hand. */
const PATIENCE_MS = 120_000;
const WAIT_MAX_MS = 60_000;

/**
 * Whoever was asked is not there, or asks to be asked again later; what was asked may be asked
 * again.
 */
export class NotNow extends Error {
  /** How long whoever was asked wants not to be asked again; 0 when it did not say. */
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
 * Repeats what fails with NotNow, less and less often and never sooner than it was told, for two
 * minutes; then the last failure is thrown. Only for what may be done twice.
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

const POLL_MS = 60;
const PATIENCE_MS = 30_000;

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Repeats an expectation until it holds, and gives what it gives. Throws its last failure when the
 * deadline (default half a minute) has passed: the platform is asynchronous, so a journey says what
 * becomes true, never how long that takes.
 */
export const eventually = async <Result>(
  expectation: () => Promise<Result> | Result,
  patienceMs = PATIENCE_MS,
): Promise<Result> => {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      await sleep(POLL_MS);
    }
  }
};

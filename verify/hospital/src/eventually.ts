import { pause } from './patience';

const POLL_MS = 20;
const TIMEOUT_MS = 30_000;

/**
 * Repeats an expectation until it holds, and gives its result. Throws its last failure after the
 * timeout (half a minute unless given): the platform is asynchronous, so a test states what becomes
 * true, never how long that takes.
 */
export const eventually = async <Result>(
  expectation: () => Promise<Result> | Result,
  timeoutMs = TIMEOUT_MS,
): Promise<Result> => {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      await pause(POLL_MS);
    }
  }
};

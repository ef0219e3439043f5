import { pause } from '@caretab/hospital';

const INTERVAL_MS = 1000;
const FAILURES_IN_A_ROW = 2;

export interface Watched {
  /** `Kafka`. */
  readonly name: string;
  /** What to do when it is gone. */
  readonly advice: string;
  answers(): Promise<boolean>;
}

/**
 * Looks after what the services stand on, and says once that it is gone, and once that it is back.
 * Returns how to end the watch.
 */
export const watchOver = (
  all: readonly Watched[],
  say: (line: string) => void,
): (() => Promise<void>) => {
  let stopping = false;
  const watch = async ({ name, advice, answers }: Watched): Promise<void> => {
    for (let failures = 0; !stopping; await pause(INTERVAL_MS)) {
      const up = await answers();
      if (stopping) return;
      if (up && failures >= FAILURES_IN_A_ROW) say(`✔ ${name} is back`);
      failures = up ? 0 : failures + 1;
      if (failures === FAILURES_IN_A_ROW) say(`✗ ${name} is gone. ${advice}`);
    }
  };
  const watching = Promise.all(all.map(watch));
  return async () => {
    stopping = true;
    await watching;
  };
};

import type { Clock } from '@caretab/kernel';

/**
 * A rate limit for log lines: `tell` is called for the first at once, then at most once in
 * `intervalMs` with the count since.
 */
export const seldom = (
  clock: Clock,
  intervalMs: number,
  tell: (count: number) => void,
): (() => void) => {
  let count = 0;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    count += 1;
    const nowMs = clock.now().getTime();
    if (nowMs - toldAtMs < intervalMs) return;
    tell(count);
    [count, toldAtMs] = [0, nowMs];
  };
};

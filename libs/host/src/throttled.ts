import type { Clock } from '@caretab/kernel';

/**
 * A rate limit for log lines: `report` is called at once for the first event, then at most once in
 * `intervalMs`, with the count since.
 */
export const throttled = (
  clock: Clock,
  intervalMs: number,
  report: (count: number) => void,
): (() => void) => {
  let count = 0;
  let reportedAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    count += 1;
    const nowMs = clock.now().getTime();
    if (nowMs - reportedAtMs < intervalMs) return;
    report(count);
    [count, reportedAtMs] = [0, nowMs];
  };
};

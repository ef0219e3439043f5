import type { Clock } from '@caretab/kernel';

/**
 * For what may happen a thousand times a second and need be told once: `tell` hears of the first at
 * once, then at most once in `intervalMs`, and how many there were since.
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

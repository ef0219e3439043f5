import { MemoryStore } from '@caretab/store';
import { retryDelayMs } from './retry';
import { workQueueSuite } from '../test/work-queue.suite';

workQueueSuite('MemoryStore', async () => new MemoryStore());

describe('delays between attempts', () => {
  const delaysMs = [1_000, 10_000, 60_000];
  const of = (retries: number, key = 'a'): number => retryDelayMs(delaysMs, retries, key);

  test('grow as the table says, and never beyond its last entry', () => {
    for (const [retries, delayMs] of [1_000, 10_000, 60_000, 60_000, 60_000].entries()) {
      expect(of(retries)).toBeGreaterThanOrEqual(delayMs * 0.9);
      expect(of(retries)).toBeLessThanOrEqual(delayMs);
    }
  });

  test('differ from item to item, and are the same whenever they are computed', () => {
    const delays = Array.from({ length: 100 }, (_, index) => of(2, `item-${index}`));
    expect(new Set(delays).size).toBeGreaterThan(90);
    expect(delays).toEqual(Array.from({ length: 100 }, (_, index) => of(2, `item-${index}`)));
  });
});

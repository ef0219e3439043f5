import { Later, Pace, pauseUnless, untilAnswered } from './hospitals-patience';

describe('what got no definite answer', () => {
  const answering = (...outcomes: readonly (Error | string)[]) => {
    const left = [...outcomes];
    return async (): Promise<string> => {
      const outcome = left.shift()!;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    };
  };
  const pauses: number[] = [];
  const sleep = async (durationMs: number): Promise<void> => void pauses.push(durationMs);
  beforeEach(() => void pauses.splice(0));

  test('is said again, less and less often, until it is answered', async () => {
    await expect(untilAnswered(answering(new Later('cut', 0), new Later('cut', 0), new Later('cut', 0), 'taken'), { sleep })).resolves.toBe('taken');
    expect(pauses).toEqual([200, 400, 800]);
  });

  test('is not said again before the time that the other side asked for', async () => {
    await untilAnswered(answering(new Later('too many', 3000), new Later('cut', 0), 'taken'), { sleep });
    expect(pauses).toEqual([3000, 400]);
  });

  test('is given up after so long, with the last reason', async () => {
    await expect(untilAnswered(answering(new Later('gone', 0), new Later('still gone', 0)), { sleep, patienceMs: -1 })).rejects.toThrow('gone');
  });

  test('is no matter of patience when our own side is wrong', async () => {
    await expect(untilAnswered(answering(new TypeError('ours')), { sleep })).rejects.toThrow('ours');
    expect(pauses).toEqual([]);
  });
});

test('a pace lets so many through per second, and what was not taken is lost', async () => {
  const never = new AbortController().signal;
  const pace = new Pace(1000, 0);
  const startedAt = performance.now();
  for (let count = 0; count < 5; count += 1) await pace.take(20, never);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(75);
});

test('a pause ends at once when there is no more time to lose', async () => {
  const stop = new AbortController();
  const pausing = pauseUnless(3_600_000, stop.signal);
  stop.abort();
  await pausing;
  await pauseUnless(3_600_000, stop.signal);
});

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
    await expect(
      untilAnswered(
        answering(new Later('cut', 0), new Later('cut', 0), new Later('cut', 0), 'taken'),
        { sleep },
      ),
    ).resolves.toBe('taken');
    expect(pauses).toEqual([200, 400, 800]);
  });

  test('is not said again before the time that the other side asked for', async () => {
    await untilAnswered(answering(new Later('too many', 3000), new Later('cut', 0), 'taken'), {
      sleep,
    });
    expect(pauses).toEqual([3000, 400]);
  });

  test('is given up after so long, with the last reason', async () => {
    await expect(
      untilAnswered(answering(new Later('gone', 0), new Later('still gone', 0)), {
        sleep,
        patienceMs: -1,
      }),
    ).rejects.toThrow('gone');
  });

  test('is no matter of patience when our own side is wrong', async () => {
    await expect(untilAnswered(answering(new TypeError('ours')), { sleep })).rejects.toThrow(
      'ours',
    );
    expect(pauses).toEqual([]);
  });
});

describe('a pace', () => {
  const never = new AbortController().signal;
  /** How long each of the takers had to wait. */
  const waits = async (pace: {
    perSecond: number;
    takes: readonly (readonly [atMs: number, count: number])[];
  }): Promise<number[]> => {
    const waited: number[] = [];
    let now = 0;
    const metronome = {
      nowMs: () => now,
      pause: async (durationMs: number) => void (waited[waited.length - 1] = durationMs),
    };
    const it = new Pace(pace.perSecond, metronome);
    for (const [atMs, count] of pace.takes) {
      now = atMs;
      waited.push(0);
      await it.take(count, never);
    }
    return waited;
  };

  test('lets so many through per second', async () => {
    expect(
      await waits({
        perSecond: 10,
        takes: [
          [0, 2],
          [0, 1],
          [0, 5],
          [0, 1],
        ],
      }),
    ).toEqual([0, 200, 300, 800]);
  });

  test('lets what was not taken within a second be lost', async () => {
    expect(
      await waits({
        perSecond: 10,
        takes: [
          [60_000, 10],
          [60_000, 5],
          [60_000, 1],
        ],
      }),
    ).toEqual([0, 0, 500]);
  });
});

test('a pause ends at once when there is no more time to lose', async () => {
  const stop = new AbortController();
  const pausing = pauseUnless(3_600_000, stop.signal);
  stop.abort();
  await pausing;
  await pauseUnless(3_600_000, stop.signal);
});

import { Pace, pauseUnless } from './hospitals-patience';

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

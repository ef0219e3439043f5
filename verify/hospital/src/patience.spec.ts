import { patiently, Unavailable } from './patience';

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
  const patience = { firstPauseMs: 200, pauseMaxMs: 5_000, sleep };
  const cut = (waitMs = 0): Unavailable => new Unavailable('cut', { waitMs });
  beforeEach(() => void pauses.splice(0));

  test('is said again, less and less often, until it is answered', async () => {
    await expect(patiently(answering(cut(), cut(), cut(), 'taken'), patience)).resolves.toBe(
      'taken',
    );
    expect(pauses).toEqual([200, 400, 800]);
  });

  test('is not said again before the time that the other side asked for', async () => {
    await patiently(answering(cut(3000), cut(), 'taken'), patience);
    expect(pauses).toEqual([3000, 400]);
  });

  test('is given up after so long, with the last reason', async () => {
    await expect(
      patiently(answering(new Unavailable('gone'), new Unavailable('still gone')), {
        ...patience,
        timeoutMs: -1,
      }),
    ).rejects.toThrow('gone');
  });

  test('is no matter of patience when our own side is wrong', async () => {
    await expect(patiently(answering(new TypeError('ours')), patience)).rejects.toThrow('ours');
    expect(pauses).toEqual([]);
  });
});

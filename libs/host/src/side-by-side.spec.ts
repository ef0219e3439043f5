import { sideBySide } from './side-by-side';

describe('work side by side', () => {
  test('starts lanes again that once found nothing, while one keeps finding something', async () => {
    let [left, atOnce, mostAtOnce] = [1, 0, 0];
    const step = async (): Promise<boolean> => {
      if (left === 0) return false;
      left -= 1;
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      return true;
    };
    expect(await sideBySide(4, step)).toBe(1);
    left = 12;
    let taken = 0;
    for (let round = await sideBySide(4, step); round > 0; round = await sideBySide(4, step))
      taken += round;
    expect([taken, mostAtOnce]).toEqual([12, 4]);
  });

  test('comes back after a round, however much there is', async () => {
    expect(await sideBySide(3, async () => true)).toBe(15);
  });

  test('finishes the other lanes before it tells of one that failed', async () => {
    let finished = 0;
    const steps = [
      async () => Promise.reject(new Error('lane 1')),
      async () => (await new Promise((resolve) => setImmediate(resolve)), (finished += 1), false),
    ];
    await expect(sideBySide(2, () => steps.shift()!())).rejects.toThrow('lane 1');
    expect(finished).toBe(1);
  });

  test('looks once where there is nothing to do, however many lanes there are', async () => {
    let looks = 0;
    expect(await sideBySide(24, async () => ((looks += 1), false))).toBe(0);
    expect(looks).toBe(1);
  });

  test('has all lanes at work while the first is still busy with what it found', async () => {
    let [left, atOnce, mostAtOnce] = [24, 0, 0];
    const step = async (found: () => void): Promise<boolean> => {
      if (left === 0) return false;
      left -= 1;
      found();
      mostAtOnce = Math.max(mostAtOnce, (atOnce += 1));
      for (let turn = 0; turn < 10; turn += 1)
        await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      return true;
    };
    expect(await sideBySide(24, step)).toBe(24);
    expect(mostAtOnce).toBe(24);
  });

  test('tells of a failure in a lane that ends before the first one', async () => {
    let lane = 0;
    const step = async (found: () => void): Promise<boolean> => {
      found();
      if ((lane += 1) > 1) throw new Error('second');
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return false;
    };
    await expect(sideBySide(2, step)).rejects.toThrow('second');
  });

  test('goes past a find that always fails', async () => {
    let [isHeld, done] = [false, 0];
    const step = async (): Promise<boolean> => {
      if (isHeld) return (done += 1) <= 3;
      isHeld = true;
      await new Promise((resolve) => setImmediate(resolve));
      isHeld = false;
      throw new Error('poison');
    };
    await expect(sideBySide(4, step)).rejects.toThrow('poison');
    expect(done).toBeGreaterThan(0);
  });
});

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
    for (let round = await sideBySide(4, step); round > 0; round = await sideBySide(4, step)) taken += round;
    expect([taken, mostAtOnce]).toEqual([12, 4]);
  });

  test('comes back after a round, however much there is', async () => {
    expect(await sideBySide(3, async () => true)).toBe(15);
  });

  test('finishes the other lanes before it tells of one that failed', async () => {
    let finished = 0;
    const steps = [async () => Promise.reject(new Error('lane 1')), async () => (await new Promise((resolve) => setImmediate(resolve)), (finished += 1), false)];
    await expect(sideBySide(2, () => steps.shift()!())).rejects.toThrow('lane 1');
    expect(finished).toBe(1);
  });
});

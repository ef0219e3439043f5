import { seldom } from '.';

test('what happens often is told at once, and then at most once in so long with its number', () => {
  let nowMs = 0;
  const told: number[] = [];
  const happens = seldom({ now: () => new Date(nowMs) }, 1000, (count) => void told.push(count));
  for (nowMs = 0; nowMs < 2500; nowMs += 100) happens();
  expect(told).toEqual([1, 10, 10]);
  nowMs = 60_000;
  happens();
  expect(told).toEqual([1, 10, 10, 5]);
});

import { throttled } from '.';

test('what happens often is reported at once, and then at most once in so long with its number', () => {
  let nowMs = 0;
  const reported: number[] = [];
  const happens = throttled(
    { now: () => new Date(nowMs) },
    1000,
    (count) => void reported.push(count),
  );
  for (nowMs = 0; nowMs < 2500; nowMs += 100) happens();
  expect(reported).toEqual([1, 10, 10]);
  nowMs = 60_000;
  happens();
  expect(reported).toEqual([1, 10, 10, 5]);
});

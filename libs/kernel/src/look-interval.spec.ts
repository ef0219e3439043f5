import { LookInterval } from '.';

test('a reader that finds nothing looks ever less often, up to every five seconds', () => {
  const looks = new LookInterval(500);
  const waits = Array.from({ length: 6 }, () => looks.next());
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  looks.reset();
  expect([looks.next(), looks.next()]).toEqual([500, 1_000]);
});

test('a reader that is to look less often from the beginning keeps to that', () => {
  const looks = new LookInterval(60_000);
  expect([looks.next(), looks.next()]).toEqual([60_000, 60_000]);
});

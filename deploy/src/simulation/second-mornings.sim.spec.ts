import { morningsSuite } from './mornings.suite';
import { simulate } from './simulate';

morningsSuite(101, 200);

test('the same seed gives the same history, byte for byte, and another seed another', async () => {
  const [first, again, unread, other] = [await simulate(7, { keepsHistory: true }), await simulate(7, { keepsHistory: true }), await simulate(7), await simulate(8)];
  expect(again.history).toEqual(first.history);
  expect(again.digest).toBe(first.digest);
  expect([unread.digest, unread.history]).toEqual([first.digest, []]);
  expect(other.digest).not.toBe(first.digest);
  expect(first.faults.length).toBeGreaterThan(0);
}, 60_000);

import { restAfter } from './rest';

const rest = { factor: 3, maxMs: 60 };

test('the rest after a batch grows with the time that it took, to its bound', () => {
  expect([0, 5, 19, 20, 500].map((tookMs) => restAfter(tookMs, rest))).toEqual([0, 15, 57, 60, 60]);
});

test('a clock that was set back makes no rest', () => {
  expect(restAfter(-1000, rest)).toBe(0);
});

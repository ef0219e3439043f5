import { decisionOf, decisionText, waitMsOf } from './decision';

test.each([
  ['wait=2', 2000],
  ['respond-async, wait=1', 1000],
  ['wait="1"; x', 1000],
  ['wait=60', 2000],
  ['wait=0', 0],
  [undefined, undefined],
  ['respond-async', undefined],
  ['wait=soon', undefined],
  ['await=2', undefined],
])('Prefer: %s waits %s ms', (prefer, waitMs) => {
  expect(waitMsOf(prefer)).toBe(waitMs);
});

const of = (...words: ('deferred' | 'not-deferred' | 'undecided')[]) =>
  words.map((decision, index) => ({
    chargeId: `c${index + 1}`,
    decision,
    ...(decision === 'not-deferred' && { reason: 'OVER_LINE' }),
  }));

test('charges are deferred together only where each one is', () => {
  expect(decisionOf(of('deferred', 'deferred'))).toBe('deferred');
  expect(decisionOf(of('deferred', 'not-deferred'))).toBe('not-deferred');
  expect(decisionOf(of('not-deferred', 'undecided'))).toBe('undecided');
  expect(decisionText(of('deferred'))).toBe('deferred');
  expect(decisionText(of('deferred', 'not-deferred'))).toBe('not-deferred: c2 OVER_LINE');
  expect(decisionText(of('undecided'))).toBe('undecided');
});

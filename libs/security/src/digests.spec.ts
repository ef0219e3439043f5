import fc from 'fast-check';
import { apiKeyHash, blindIndex, newApiKey, sameSecret, sign, verify } from './digests';

const key = Buffer.alloc(32, 3);

test('finds the same value of the same type under the same index, and nothing else', () =>
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (typeA, a, typeB, b) =>
      expect(blindIndex(key, typeA, a) === blindIndex(key, typeB, b)).toBe(
        typeA === typeB && a === b,
      ),
    ),
  ));

test('keeps type and value apart, however they are cut', () =>
  expect(blindIndex(key, 'a', 'bc')).not.toBe(blindIndex(key, 'ab', 'c')));

test('gives another index under another key', () =>
  expect(blindIndex(key, 't', 'v')).not.toBe(blindIndex(Buffer.alloc(32, 4), 't', 'v')));

test('compares secrets of any length', () =>
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) =>
      expect(sameSecret(a, b)).toBe(Buffer.from(a).equals(Buffer.from(b))),
    ),
  ));

test('makes API keys that do not repeat and stores none of their characters in order', () => {
  const apiKey = newApiKey();
  expect(apiKey).toMatch(/^ctk_[\w-]{43}$/);
  expect(newApiKey()).not.toBe(apiKey);
  expect(apiKeyHash(apiKey)).toBe(apiKeyHash(apiKey));
  expect(apiKeyHash(apiKey)).not.toContain(apiKey.slice(4, 12));
});

describe('a webhook signature', () => {
  const now = new Date('2026-03-02T08:00:00Z');
  const header = sign('secret', now, '{"a":1}');
  const close = { now, toleranceMs: 300_000 };

  test('is accepted with the same secret and body', () =>
    expect(verify('secret', header, '{"a":1}', close)).toBe(true));
  test('is refused with another body, secret or form', () => {
    expect(verify('secret', header, '{"a":2}', close)).toBe(false);
    expect(verify('other', header, '{"a":1}', close)).toBe(false);
    expect(verify('secret', `${header}0`, '{"a":1}', close)).toBe(false);
    expect(verify('secret', header.replace(/^t=\d/, 't=2'), '{"a":1}', close)).toBe(false);
  });
  test('is refused when it is too old or from the future', () => {
    expect(
      verify('secret', header, '{"a":1}', { ...close, now: new Date(now.getTime() + 300_001) }),
    ).toBe(false);
    expect(
      verify('secret', header, '{"a":1}', { ...close, now: new Date(now.getTime() - 301_000) }),
    ).toBe(false);
  });
});

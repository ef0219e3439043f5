import fc from 'fast-check';
import { canonicalJson, contentHash, derivedId, InvariantViolation } from '.';

describe('a derived id', () => {
  test('is the same for the same parts and has the shape of a UUID', () => {
    expect(derivedId('CreditAuthorized', 'HZ001-V1')).toBe(
      derivedId('CreditAuthorized', 'HZ001-V1'),
    );
    expect(derivedId('a')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
  test('is another for other parts, however they run together', () => {
    const parts = fc.array(fc.string(), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (one, other) =>
        expect(derivedId(...one) === derivedId(...other)).toBe(
          JSON.stringify(one) === JSON.stringify(other),
        ),
      ),
    );
  });
});

describe('a content hash', () => {
  test('is the same for the same content, whatever the order of keys or what is undefined', () => {
    expect(contentHash({ a: 1, b: { c: [1, 2], d: 'x' } })).toBe(
      contentHash({ b: { d: 'x', c: [1, 2] }, a: 1, e: undefined }),
    );
  });
  test('is another for other content', () => {
    expect(contentHash({ a: 1 })).not.toBe(contentHash({ a: 2 }));
    expect(contentHash({ a: '1' })).not.toBe(contentHash({ a: 1 }));
    expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]));
    expect(contentHash({ a: null })).not.toBe(contentHash({}));
  });
  test('tells two dates apart, and a date from nothing', () => {
    const [earlier, later] = [new Date('2026-03-02T08:00:00Z'), new Date('2026-03-02T08:00:01Z')];
    expect(contentHash({ at: earlier })).not.toBe(contentHash({ at: later }));
    expect(contentHash({ at: earlier })).not.toBe(contentHash({ at: {} }));
    expect(contentHash({ at: earlier })).toBe(contentHash({ at: earlier.toISOString() }));
  });
  test('is not made of what has no JSON', () => {
    expect(() => contentHash(new Map([['a', 1]]))).toThrow(InvariantViolation);
    expect(() => contentHash({ seen: new Set([1]) })).toThrow(InvariantViolation);
  });
});

test('canonical JSON is JSON, with the same meaning', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) =>
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value))),
    ),
  );
});

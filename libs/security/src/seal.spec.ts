import { InvariantViolation } from '@caretab/kernel';
import fc from 'fast-check';
import { deriveKey, newDataKey, open, seal, unwrapDataKey } from './seal';

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));
const key = bytes(32);

test('opens what was sealed with the same key and context', () =>
  fc.assert(
    fc.property(key, fc.string({ unit: 'binary' }), fc.string(), (k, text, context) =>
      expect(open(k, seal(k, Buffer.from(text), context), context)).toEqual(Buffer.from(text)),
    ),
  ));

test('does not open with another key', () =>
  fc.assert(
    fc.property(key, key, fc.string(), (one, other, text) => {
      fc.pre(!one.equals(other));
      expect(() => open(other, seal(one, text, 'c'), 'c')).toThrow(InvariantViolation);
    }),
  ));

test('does not open in another context', () =>
  fc.assert(
    fc.property(key, fc.string(), fc.string(), (k, one, other) => {
      fc.pre(Buffer.compare(Buffer.from(one), Buffer.from(other)) !== 0);
      expect(() => open(k, seal(k, 'text', one), other)).toThrow(InvariantViolation);
    }),
  ));

test('does not open when any bit was changed', () =>
  fc.assert(
    fc.property(key, fc.string(), fc.nat(), fc.integer({ min: 0, max: 7 }), (k, text, at, bit) => {
      const sealed = seal(k, text, 'c');
      sealed[at % sealed.length]! ^= 1 << bit;
      expect(() => open(k, sealed, 'c')).toThrow(InvariantViolation);
    }),
  ));

test('does not open when anything was cut off', () => {
  const k = Buffer.alloc(32, 7);
  const sealed = seal(k, 'some text', 'c');
  for (let length = 0; length < sealed.length; length++)
    expect(() => open(k, sealed.subarray(0, length), 'c')).toThrow(InvariantViolation);
});

test('seals the same text differently each time, and the same with the same randomness', () => {
  const k = Buffer.alloc(32, 7);
  expect(seal(k, 'text', 'c').equals(seal(k, 'text', 'c'))).toBe(false);
  const same = (size: number) => Buffer.alloc(size, 1);
  expect(seal(k, 'text', 'c', same).equals(seal(k, 'text', 'c', same))).toBe(true);
});

test('takes only keys of 32 bytes', () => {
  expect(() => seal(Buffer.alloc(16), 'text', 'c')).toThrow('32 bytes');
  expect(() => deriveKey(Buffer.alloc(31), 'p')).toThrow('32 bytes');
});

test('gives each owner a data key that only the master key and the same owner unwrap', () =>
  fc.assert(
    fc.property(key, (master) => {
      const { dataKey, wrapped } = newDataKey(master, 'p-1');
      expect(unwrapDataKey(master, wrapped, 'p-1')).toEqual(dataKey);
      expect(() => unwrapDataKey(master, wrapped, 'p-2')).toThrow(InvariantViolation);
      expect(wrapped.includes(dataKey)).toBe(false);
    }),
  ));

test('derives another key for each purpose', () => {
  const master = Buffer.alloc(32, 1);
  expect(deriveKey(master, 'one')).toEqual(deriveKey(master, 'one'));
  expect(deriveKey(master, 'one')).not.toEqual(deriveKey(master, 'two'));
});

import { InvariantViolation } from '@caretab/kernel';
import fc from 'fast-check';
import { DerivedKeys, deriveKey, onlyKey, type SealingKeys } from './keys';
import { KeyFile } from './key-file';
import { dataKeyOf, isSealedBy, newDataKey, open, rewrapped, seal } from './seal';
import type { SuiteName } from './suites';

const SUITES: readonly SuiteName[] = ['aes', 'sm'];
const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((array) => Buffer.from(array));
const named = (bytes: Buffer, suite: SuiteName, id = 'one'): SealingKeys =>
  new DerivedKeys(
    new KeyFile(
      'KEYS',
      JSON.stringify({ current: id, keys: { [id]: bytes.toString('base64') }, suite }),
    ),
    'tests',
  );

describe.each(SUITES)('suite %s', (suite) => {
  test('opens what was sealed with the same key and context', () =>
    fc.assert(
      fc.property(key, fc.string({ unit: 'binary' }), fc.string(), (k, text, context) => {
        const keys = named(k, suite);
        expect(open(keys, seal(keys, Buffer.from(text), context), context)).toEqual(
          Buffer.from(text),
        );
      }),
    ));

  test('does not open with another key of the same id', () =>
    fc.assert(
      fc.property(key, key, fc.string(), (one, other, text) => {
        fc.pre(!one.equals(other));
        const sealed = seal(named(one, suite), text, 'c');
        expect(() => open(named(other, suite), sealed, 'c')).toThrow(InvariantViolation);
      }),
    ));

  test('does not open in another context', () =>
    fc.assert(
      fc.property(key, fc.string(), fc.string(), (k, one, other) => {
        fc.pre(Buffer.compare(Buffer.from(one), Buffer.from(other)) !== 0);
        const keys = named(k, suite);
        expect(() => open(keys, seal(keys, 'text', one), other)).toThrow(InvariantViolation);
      }),
    ));

  test('does not open when any bit was changed', () =>
    fc.assert(
      fc.property(
        key,
        fc.string(),
        fc.nat(),
        fc.integer({ min: 0, max: 7 }),
        (k, text, at, bit) => {
          const keys = named(k, suite);
          const sealed = seal(keys, text, 'c');
          sealed[at % sealed.length]! ^= 1 << bit;
          expect(() => open(keys, sealed, 'c')).toThrow(InvariantViolation);
        },
      ),
    ));

  test('does not open when anything was cut off', () => {
    const keys = named(Buffer.alloc(32, 7), suite);
    const sealed = seal(keys, 'some text', 'c');
    for (let length = 0; length < sealed.length; length++)
      expect(() => open(keys, sealed.subarray(0, length), 'c')).toThrow(InvariantViolation);
  });

  test('seals the same text differently each time, and the same with the same randomness', () => {
    const keys = named(Buffer.alloc(32, 7), suite);
    expect(seal(keys, 'text', 'c').equals(seal(keys, 'text', 'c'))).toBe(false);
    const same = (size: number) => Buffer.alloc(size, 1);
    expect(seal(keys, 'text', 'c', same).equals(seal(keys, 'text', 'c', same))).toBe(true);
  });

  test('gives each owner a data key that only the master key and the same owner unwrap', () =>
    fc.assert(
      fc.property(key, (master) => {
        const keys = named(master, suite);
        const wrapped = newDataKey(keys, 'p-1');
        const sealed = seal(dataKeyOf(keys, wrapped, 'p-1'), 'text', 'c');
        expect(open(dataKeyOf(keys, wrapped, 'p-1'), sealed, 'c').toString()).toBe('text');
        expect(() => dataKeyOf(keys, wrapped, 'p-2')).toThrow(InvariantViolation);
      }),
    ));
});

test('what was sealed before keys had ids opens by the first key', () => {
  const given = Buffer.from('01'.repeat(13) + '0284f1c3a770324130b672f40dcdce9802c12812', 'hex');
  expect(open(onlyKey(Buffer.alloc(32, 7), 'sm'), given, 'c').toString()).toBe('text');
});

test('an earlier key opens, and what it sealed is seen to be not of the current one', () => {
  const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)].map((k) =>
    k.toString('base64'),
  ) as [string, string];
  const before = new DerivedKeys(new KeyFile('KEYS', first), 'tests');
  const sealed = seal(before, 'text', 'c');
  const both = JSON.stringify({ current: 'b', keys: { first, b: second } });
  const after = new DerivedKeys(new KeyFile('KEYS', both), 'tests');
  expect(open(after, sealed, 'c').toString()).toBe('text');
  expect([isSealedBy(before, sealed), isSealedBy(after, sealed)]).toEqual([true, false]);
  const wrapped = rewrapped(after, newDataKey(before, 'p-1'), 'p-1');
  expect(isSealedBy(after, wrapped)).toBe(true);
  expect(() => open(before, wrapped, 'data-key p-1')).toThrow('the key b of a sealed value');
});

test('a value of one suite is not taken for one of the other', () => {
  const [aes, sm] = SUITES.map((suite) => named(Buffer.alloc(32, 7), suite)) as [
    SealingKeys,
    SealingKeys,
  ];
  const sealed = seal(sm, 'text', 'c');
  expect(open(aes, sealed, 'c').toString()).toBe('text');
  expect(isSealedBy(aes, sealed)).toBe(false);
});

test('takes only keys of 32 bytes', () => {
  expect(() => onlyKey(Buffer.alloc(16), 'aes')).toThrow('32 bytes');
  expect(() => deriveKey(Buffer.alloc(31), 'p')).toThrow('32 bytes');
});

test('derives another key for each purpose and suite', () => {
  const master = Buffer.alloc(32, 1);
  expect(deriveKey(master, 'one')).toEqual(deriveKey(master, 'one'));
  expect(deriveKey(master, 'one')).not.toEqual(deriveKey(master, 'two'));
  expect(deriveKey(master, 'one', 'sm')).not.toEqual(deriveKey(master, 'one'));
});

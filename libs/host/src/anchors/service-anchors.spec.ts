import { fixedClock } from '@caretab/doubles';
import { bookEntryTable } from '../book';
import { serviceAnchorKeysOf, serviceAnchorsOf } from './service-anchors';

const clock = fixedClock('2026-03-02T08:00:00Z');
const seedOf = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
const log = { positions: 'gapless', entries: async function* () {} } as const;
const keyOf = (service: string, secret: string, kind: 'access' | 'book' = 'access'): string =>
  serviceAnchorsOf(
    { ACCESS_ANCHOR_KEY: secret, ACCESS_ANCHOR_PLACES: '/anchors/1,/anchors/2' },
    { service, kind, log, clock },
  )!.publicKey;

test('a service has the same key alone as in a process of several, and none of another', () => {
  const seeds = { identity: seedOf(1), credit: seedOf(2) };
  expect(keyOf('identity', JSON.stringify(seeds))).toBe(keyOf('identity', seeds.identity));
  expect(keyOf('credit', JSON.stringify(seeds))).toBe(keyOf('credit', seeds.credit));
  expect(keyOf('credit', JSON.stringify(seeds))).not.toBe(keyOf('credit', seeds.identity));
});

test('a service without a seed, or with a short one, does not start', () => {
  const said = 'ACCESS_ANCHOR_KEY has 32 bytes for credit';
  expect(() => keyOf('credit', JSON.stringify({ identity: seedOf(1) }))).toThrow(said);
  expect(() => keyOf('credit', JSON.stringify({ credit: 'c2hvcnQ=' }))).toThrow(said);
});

test('no key signs two logs', () => {
  expect(keyOf('credit', seedOf(2), 'book')).not.toBe(keyOf('credit', seedOf(2)));
});

test('a database knows the keys of both logs', () => {
  const settings = { ACCESS_ANCHOR_KEY: seedOf(2) };
  const known = serviceAnchorKeysOf(settings, { name: 'credit', book: bookEntryTable });
  expect(known.map(({ currentId }) => currentId)).toEqual([
    keyOf('credit', seedOf(2)),
    keyOf('credit', seedOf(2), 'book'),
  ]);
  expect(serviceAnchorKeysOf(settings, { name: 'credit' })).toHaveLength(1);
});

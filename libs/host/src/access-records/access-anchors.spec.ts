import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { accessAnchorsOf } from './access-anchors';

const clock = fixedClock('2026-03-02T08:00:00Z');
const seedOf = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
const keyOf = (service: string, secret: string): string =>
  accessAnchorsOf(
    { ACCESS_ANCHOR_KEY: secret, ACCESS_ANCHOR_PLACES: '/anchors/1,/anchors/2' },
    { service, records: new MemoryStore(), clock },
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

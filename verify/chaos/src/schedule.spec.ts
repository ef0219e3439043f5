import { assert, integer, property, subarray } from 'fast-check';
import { KINDS, LINE_FAULTS } from './faults';
import { scheduleOf } from './schedule';

const seeds = integer({ min: 1, max: 2 ** 31 });

test('the same seed strikes the same, at the same times', () => {
  const options = { seed: 42, durationMs: 300_000, kinds: KINDS };
  expect(scheduleOf(options)).toEqual(scheduleOf(options));
  expect(scheduleOf({ ...options, seed: 43 })).not.toEqual(scheduleOf(options));
});

test('every kind that is asked for comes in whatever time there is, and no other', () => {
  assert(
    property(
      seeds,
      integer({ min: 30_000, max: 600_000 }),
      subarray([...KINDS], { minLength: 1 }),
      (seed, durationMs, kinds) => {
        const struck = new Set(scheduleOf({ seed, durationMs, kinds }).map(({ kind }) => kind));
        expect([...struck].sort()).toEqual([...kinds].sort());
      },
    ),
  );
});

test('faults come in order, within the time, and never last longer than a tenth of it', () => {
  assert(
    property(seeds, integer({ min: 30_000, max: 600_000 }), (seed, durationMs) => {
      const faults = scheduleOf({ seed, durationMs, kinds: KINDS });
      expect(faults.map(({ number }) => number)).toEqual(faults.map((_, index) => index + 1));
      for (const [index, { atMs, outageMs, lot }] of faults.entries()) {
        expect(atMs).toBeGreaterThanOrEqual(faults[index - 1]?.atMs ?? 0);
        expect(atMs).toBeLessThan(durationMs);
        expect(outageMs).toBeLessThanOrEqual(Math.round(durationMs / 10));
        expect(lot).toBeLessThan(1);
      }
    }),
  );
});

test('over many seeds lines break in every way', () => {
  const faults = Array.from({ length: 30 }, (_, seed) =>
    scheduleOf({ seed: seed + 1, durationMs: 120_000, kinds: KINDS }),
  ).flat();
  expect(
    new Set(faults.filter(({ kind }) => kind.endsWith('-line')).map(({ way }) => way)),
  ).toEqual(new Set(LINE_FAULTS));
});

test('in five minutes some come while the one before is still there, and some leave time to recover', () => {
  const faults = scheduleOf({ seed: 1, durationMs: 300_000, kinds: KINDS });
  const rests = faults
    .slice(1)
    .map((fault, index) => fault.atMs - faults[index]!.atMs - faults[index]!.outageMs);
  expect(rests.some((restMs) => restMs < 0)).toBe(true);
  expect(rests.some((restMs) => restMs > 5000)).toBe(true);
});

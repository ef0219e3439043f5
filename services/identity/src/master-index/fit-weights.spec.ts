import { MATCH_FIELDS, MATCH_LEVELS, type MatchField, type MatchWeights } from '@caretab/contracts';
import * as fc from 'fast-check';
import type { Levels } from './comparisons';
import { fitWeights, type Pattern } from './fit-weights';
import { bitsOf, matchWeights } from './weights';

const PAIRS = 4_000;

/** Numbers that follow a seed (mulberry32). */
const numbersOf = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

type Rates = { readonly [Field in MatchField]: readonly number[] };

const drawn = (rates: Rates, pick: () => number): Levels =>
  Object.fromEntries(
    MATCH_FIELDS.flatMap((field) => {
      if (pick() < 0.2) return []; // Missing on a side.
      let left = pick();
      const levels = MATCH_LEVELS[field];
      const at = rates[field].findIndex((rate) => (left -= rate) < 0);
      return [[field, levels[at < 0 ? levels.length - 1 : at]!]];
    }),
  );

/** Equal patterns are counted once. */
const counted = (all: readonly Levels[]): Pattern[] => {
  const patterns = new Map<string, { levels: Levels; count: number }>();
  for (const levels of all) {
    const text = JSON.stringify(levels);
    const known = patterns.get(text);
    if (known) known.count += 1;
    else patterns.set(text, { levels, count: 1 });
  }
  return [...patterns.values()];
};

/** Of a field the strongest level has `strong`, the rest share what is left. */
const field = (levels: number, strong: number): readonly number[] =>
  Array.from({ length: levels }, (_, at) => (at === 0 ? strong : (1 - strong) / (levels - 1)));
const rates = (strong: Readonly<Record<MatchField, number>>): Rates =>
  Object.fromEntries(
    MATCH_FIELDS.map((name) => [name, field(MATCH_LEVELS[name].length, strong[name])]),
  ) as unknown as Rates;

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const strongOf = (min: number, max: number) =>
  fc.record(
    Object.fromEntries(MATCH_FIELDS.map((name) => [name, between(min, max)])) as Record<
      MatchField,
      fc.Arbitrary<number>
    >,
  );

const rateOf = (weights: MatchWeights, of: 'm' | 'u', name: MatchField): number =>
  weights.fields[name][0]![of];

test('finds the planted m, u and share, without knowing which pairs are of one person', () => {
  fc.assert(
    fc.property(
      ...([fc.integer(), between(0.1, 0.6), strongOf(0.7, 0.97), strongOf(0.02, 0.2)] as const),
      (seed, share, m, u) => {
        const pick = numbersOf(seed);
        const [same, two] = [rates(m), rates(u)];
        const all = (from: () => Rates) =>
          counted(Array.from({ length: PAIRS }, () => drawn(from(), pick)));
        const pairs = {
          candidates: all(() => (pick() < share ? same : two)),
          random: all(() => two),
        };
        const fitted = fitWeights(matchWeights, pairs);
        expect(Math.abs(fitted.share - share)).toBeLessThan(0.06);
        for (const name of MATCH_FIELDS) {
          expect(Math.abs(rateOf(fitted.weights, 'm', name) - m[name])).toBeLessThan(0.09);
          expect(Math.abs(rateOf(fitted.weights, 'u', name) - u[name])).toBeLessThan(0.05);
        }
        // What comes out is a file that the index reads: no weaker agreement weighs more.
        expect(() => bitsOf(fitted.weights)).not.toThrow();
      },
    ),
    { numRuns: 5 },
  );
});

test('a weaker agreement never weighs more, whatever the pairs say', () => {
  const turned: Levels = { name: 'initials', sex: 'other' };
  const pairs = {
    candidates: [
      { levels: { ...turned, mobile: 'equal', birthDate: 'equal' } as Levels, count: 900 },
      { levels: { name: 'other', sex: 'equal', birthDate: 'other' } as Levels, count: 900 },
    ],
    random: [{ levels: { name: 'equal', sex: 'equal', birthDate: 'other' } as Levels, count: 900 }],
  };
  const { weights } = fitWeights(matchWeights, pairs);
  expect(() => bitsOf(weights)).not.toThrow();
  expect(weights.decides).toEqual(matchWeights.decides);
});

test('there is nothing to fit to without pairs', () => {
  expect(() => fitWeights(matchWeights, { candidates: [], random: [] })).toThrow('no pairs');
});

import { MATCH_FIELDS, MATCH_LEVELS, type MatchField, type MatchWeights } from '@caretab/contracts';
import type { Levels } from './comparisons';
import { bitsOf } from './weights';

/** How often pairs agree like this. No value of anyone. */
export interface Pattern {
  readonly levels: Levels;
  readonly count: number;
}

/** What weights are fitted to. */
export interface Pairs {
  /** Pairs that share a key: some are of one person, and no one says which. */
  readonly candidates: readonly Pattern[];
  /** Pairs drawn by chance: hardly any is of one person. */
  readonly random: readonly Pattern[];
}

export interface Fitted {
  readonly weights: MatchWeights;
  /** The part of the candidates that are of one person. */
  readonly share: number;
  readonly rounds: number;
}

type Rates = Map<string, number>;
interface Model {
  readonly share: number;
  readonly m: Rates;
  /** Of candidates that are two: they share a key, so they are more alike than by chance. */
  readonly other: Rates;
}

const ROUNDS_MAX = 500;
const SETTLED = 1e-5;
const RATE_MIN = 1e-9;
/** So many pairs the rates of before are worth: a level that was never seen keeps a rate. */
const BEFORE = 2;
/** What was seen less often is no estimate of a rate. */
const SEEN_MIN = 5;

const key = (field: MatchField, level: string): string => `${field} ${level}`;
const clamped = (rate: number): number => Math.min(1 - RATE_MIN, Math.max(RATE_MIN, rate));

const ratesOf = (weights: MatchWeights, of: 'm' | 'u'): Rates =>
  new Map(
    MATCH_FIELDS.flatMap((field) =>
      weights.fields[field].map((level) => [key(field, level.level), level[of]] as const),
    ),
  );

const keysOf = (levels: Levels): readonly string[] =>
  MATCH_FIELDS.flatMap((field) => {
    const level = levels[field];
    return level === undefined ? [] : [key(field, level)];
  });

/** Rates by counts, each field for itself; what is missing on a side says nothing. */
const rated = (counts: ReadonlyMap<string, number>, before: Rates): Rates => {
  const rates: Rates = new Map();
  for (const field of MATCH_FIELDS) {
    const keys = MATCH_LEVELS[field].map((level) => key(field, level));
    const prior = keys.reduce((sum, each) => sum + before.get(each)!, 0);
    const total = keys.reduce((sum, each) => sum + (counts.get(each) ?? 0), 0);
    for (const each of keys) {
      const seen = (counts.get(each) ?? 0) + (BEFORE * before.get(each)!) / prior;
      rates.set(each, clamped(seen / (total + BEFORE)));
    }
  }
  return rates;
};

/**
 * How often pairs by chance are at a level. What so few pairs cannot show, as one ID number of two
 * persons, keeps the rate of before; what is left is of the weakest level.
 */
const byChance = (counts: ReadonlyMap<string, number>, before: Rates): Rates => {
  const rates: Rates = new Map();
  for (const field of MATCH_FIELDS) {
    const keys = MATCH_LEVELS[field].map((level) => key(field, level));
    const total = keys.reduce((sum, each) => sum + (counts.get(each) ?? 0), 0);
    let left = 1;
    for (const each of keys.slice(0, -1)) {
      const seen = counts.get(each) ?? 0;
      const rate = clamped(seen < SEEN_MIN ? before.get(each)! : seen / total);
      rates.set(each, rate);
      left -= rate;
    }
    rates.set(keys.at(-1)!, clamped(left));
  }
  return rates;
};

const add = (counts: Map<string, number>, keys: readonly string[], count: number): void => {
  for (const each of keys) counts.set(each, (counts.get(each) ?? 0) + count);
};

const likelihood = (keys: readonly string[], rates: Rates): number =>
  keys.reduce((product, each) => product * rates.get(each)!, 1);

type Counted = readonly { readonly keys: readonly string[]; readonly count: number }[];

/** One round of expectation and maximisation (Dempster, Laird and Rubin 1977). */
const round = (pairs: Counted, model: Model, before: Omit<Model, 'share'>): Model => {
  const [same, two] = [new Map<string, number>(), new Map<string, number>()];
  let [one, all] = [0, 0];
  for (const { keys, count } of pairs) {
    const a = model.share * likelihood(keys, model.m);
    const b = (1 - model.share) * likelihood(keys, model.other);
    const part = a + b > 0 ? a / (a + b) : 0;
    add(same, keys, count * part);
    add(two, keys, count * (1 - part));
    [one, all] = [one + count * part, all + count];
  }
  return {
    share: clamped(one / all),
    ...{ m: rated(same, before.m), other: rated(two, before.other) },
  };
};

const distance = (a: Model, b: Model): number =>
  Math.max(
    Math.abs(a.share - b.share),
    ...[...a.m].map(([each, rate]) => Math.abs(rate - b.m.get(each)!)),
  );

interface Level {
  readonly level: string;
  readonly m: number;
  readonly u: number;
}

/**
 * A weaker agreement never weighs more: levels that would are given one weight, by pooling
 * (Barlow et al. 1972). Each keeps its u, and the m of all stays what it was.
 */
const ordered = (levels: readonly Level[]): Level[] => {
  const pools: Level[][] = [];
  const weight = (pool: readonly Level[]): number =>
    pool.reduce((sum, { m }) => sum + m, 0) / pool.reduce((sum, { u }) => sum + u, 0);
  for (const level of levels) {
    pools.push([level]);
    while (pools.length > 1 && weight(pools.at(-1)!) > weight(pools.at(-2)!)) {
      const last = pools.pop()!;
      pools.at(-1)!.push(...last);
    }
  }
  // A trace less for each: what was rounded never weighs more than the one before.
  return pools.flatMap((pool) =>
    pool.map((each, at) => ({ ...each, m: weight(pool) * each.u * (1 - (at + 1) * RATE_MIN) })),
  );
};

const countedOf = (patterns: readonly Pattern[]): Counted =>
  patterns.map(({ levels, count }) => ({ keys: keysOf(levels), count }));

/**
 * Weights by a region's own pairs: u is how pairs by chance agree, m is found among candidates without
 * knowing which of them are of one person. Rules and thresholds stay. Throws an Error of one sentence
 * where there is nothing to fit to.
 */
export const fitWeights = (start: MatchWeights, pairs: Pairs): Fitted => {
  const [candidates, random] = [countedOf(pairs.candidates), countedOf(pairs.random)];
  if (candidates.length === 0 || random.length === 0)
    throw new Error('Match weights: there are no pairs to fit them to.');
  const before = { m: ratesOf(start, 'm'), other: ratesOf(start, 'u') };
  let model: Model = { share: 0.3, ...before };
  let rounds = 0;
  for (let moved = Infinity; moved > SETTLED && rounds < ROUNDS_MAX; rounds += 1) {
    const next = round(candidates, model, before);
    moved = distance(model, next);
    model = next;
  }
  const chance = new Map<string, number>();
  for (const { keys, count } of random) add(chance, keys, count);
  const u = byChance(chance, before.other);
  const fields = Object.fromEntries(
    MATCH_FIELDS.map((field) => [
      field,
      ordered(
        MATCH_LEVELS[field].map((level) => {
          const each = key(field, level);
          return { level, m: model.m.get(each)!, u: u.get(each)! };
        }),
      ),
    ]),
  ) as MatchWeights['fields'];
  const weights = { ...start, fields };
  bitsOf(weights); // It is a file that the index reads.
  return { weights, share: model.share, rounds };
};

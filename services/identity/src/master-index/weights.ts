import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  dataOf,
  MATCH_FIELDS,
  MATCH_LEVELS,
  type MatchField,
  MatchWeights,
} from '@caretab/contracts';

const FILE = 'services/identity/data/match-weights.json';

/** What a level of a field weighs, in bits: log2(m / u), to the hundredth. */
export type BitsOf = (field: MatchField, level: string) => number;

const bits = (m: number, u: number): number => Math.round(Math.log2(m / u) * 100) / 100;

/**
 * The weights of each level. Throws an Error of one sentence where a field lacks a level, has another
 * order, or a weaker agreement weighs more than a stronger one.
 */
export const bitsOf = (weights: MatchWeights): BitsOf => {
  const table = new Map<string, number>();
  for (const field of MATCH_FIELDS) {
    const given = weights.fields[field];
    const levels: readonly string[] = MATCH_LEVELS[field];
    if (given.map(({ level }) => level).join() !== levels.join())
      throw new Error(`Match weights: ${field} needs the levels ${levels.join(', ')}, in order.`);
    let before = Infinity;
    for (const { level, m, u } of given) {
      const weight = bits(m, u);
      if (weight > before) throw new Error(`Match weights: ${field} ${level} weighs too much.`);
      table.set(`${field} ${level}`, weight);
      before = weight;
    }
  }
  if (weights.similarBits > weights.likelyBits)
    throw new Error('Match weights: what is likely is similar too.');
  return (field, level) => table.get(`${field} ${level}`)!;
};

/** The weights as they ship. */
export const matchWeights: MatchWeights = dataOf(
  FILE,
  readFileSync(join(__dirname, '../../data/match-weights.json'), 'utf8'),
  MatchWeights,
);

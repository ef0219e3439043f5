import { seededRandom } from '@caretab/doubles';

/** A second writer writes into the stream of a visit. */
export interface IntrusionPlan {
  /** Index of the visit. */
  readonly visit: number;
  readonly atMs: number;
  /** Whether the event has a signature, and by whose key. */
  readonly signature: 'none' | 'made-up' | 'ours';
}

/** In one seed of seven. Drawn apart, so that what else happens in a seed stays as it was. */
export const intrusionOf = (seed: number, visits: number): IntrusionPlan | undefined => {
  if (seed % 7 !== 4) return undefined;
  const random = seededRandom(seed ^ 0x17de);
  return {
    visit: random.integer(0, visits - 1),
    atMs: random.integer(500, 20_000),
    signature: random.pick(['none', 'made-up'] as const),
  };
};

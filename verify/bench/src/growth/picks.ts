/** Which visits charges are for: all alike, or four of five charges for a fifth of the visits. */
export type Access = '80/20' | 'uniform';

const HOT_PART = 0.2;
const HOT_CHARGES = 0.8;

/** The same numbers for the same seed, between 0 and 1 (mulberry32). */
export const numbersOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** So many places of visits, drawn at random. The hot fifth is spread over all of them. */
export const picksOf = (
  visits: number,
  count: number,
  { access, seed }: { readonly access: Access; readonly seed: number },
): number[] => {
  const next = numbersOf(seed);
  const step = Math.round(1 / HOT_PART);
  const hot = Math.ceil(visits / step);
  return Array.from({ length: count }, () =>
    access === '80/20' && next() < HOT_CHARGES
      ? Math.min(Math.floor(next() * hot) * step, visits - 1)
      : Math.floor(next() * visits),
  );
};

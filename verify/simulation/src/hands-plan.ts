import { seededRandom } from '@caretab/doubles';
import { intrusionOf } from './intrusion-plan';

/** What other hands than the ledger's do to its log, for a while. */
export interface HandsPlan {
  /**
   * `truncated`: the beginning of a visit's stream, or all of it, is taken away; `right lost`: the ledger may
   * neither read nor append; `older copy`: the log is replaced by one from `ageMs` before;
   * `wrong key`: processes of the ledger start with another key under the same id.
   */
  readonly kind: 'truncated' | 'right lost' | 'older copy' | 'wrong key';
  /** Index of the visit. */
  readonly visit: number;
  readonly atMs: number;
  readonly forMs: number;
  readonly ageMs: number;
  /** Of a truncated stream nothing is left. */
  readonly takesAll: boolean;
}

const KINDS: ReadonlyMap<number, HandsPlan['kind']> = new Map([
  [3, 'truncated'],
  [8, 'right lost'],
  [13, 'older copy'],
  [18, 'wrong key'],
]);

/** In four seeds of 23. Drawn apart, so that what else happens in a seed stays as it was. */
export const handsOf = (seed: number, visits: number): HandsPlan | undefined => {
  const kind = KINDS.get(seed % 23);
  if (!kind || intrusionOf(seed, visits)) return undefined;
  const random = seededRandom(seed ^ 0x4a2d);
  return {
    kind,
    visit: random.integer(0, visits - 1),
    ...(kind === 'right lost'
      ? { atMs: random.integer(2_000, 6_000), forMs: random.integer(12_000, 18_000) }
      : { atMs: random.integer(2_000, 15_000), forMs: random.integer(2_000, 9_000) }),
    ageMs: random.integer(100, 2_000),
    takesAll: random.integer(0, 1) === 1,
  };
};

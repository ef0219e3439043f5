import { seededRandom } from '@caretab/doubles';

const KINDS = [
  'by a stranger',
  'by nobody',
  'under another id',
  'with another value',
  'at another time',
  'on another topic',
  'under another key',
] as const;
export type ForgeryKind = (typeof KINDS)[number];

/** An intruder puts messages on the bus that no author of theirs wrote. */
export interface ForgeryPlan {
  readonly atMs: number;
  readonly kind: ForgeryKind;
  /** Which of the messages that were sent by then is taken, as a share of them. */
  readonly place: number;
}

/** In one seed of seven. Drawn apart, so that what else happens in a seed stays as it was. */
const forgeriesOf = (seed: number): readonly ForgeryPlan[] => {
  if (seed % 7 !== 2) return [];
  const random = seededRandom(seed ^ 0xf026e);
  return KINDS.flatMap((kind) =>
    Array.from({ length: 2 }, () => ({
      kind,
      atMs: random.integer(2_000, 24_000),
      place: random.next(),
    })),
  );
};
const LIES = [
  'a capture of any amount',
  'a capture from a stranger',
  'a verdict on a stranger',
  'a hold of a stranger',
  'a settlement that was not paid',
  'a bill on a stranger’s line',
  'a closing that makes no sum',
  'an erasure that was not asked for',
] as const;
export type LieKind = (typeof LIES)[number];

/** A service, or who has its key, signs what cannot be. */
export interface LiePlan {
  readonly atMs: number;
  readonly kind: LieKind;
  /** Of which of the messages that were sent by then it is made, as a share of them. */
  readonly place: number;
}

/** In one seed of seven. Drawn apart, so that what else happens in a seed stays as it was. */
const liesOf = (seed: number): readonly LiePlan[] => {
  if (seed % 7 !== 4) return [];
  const random = seededRandom(seed ^ 0x11e5);
  return LIES.flatMap((kind) =>
    Array.from({ length: 2 }, () => ({
      ...{ kind, atMs: random.integer(2_000, 60_000), place: random.next() },
    })),
  );
};

/** What comes over the bus that is not true. */
export interface Untrue {
  readonly forgeries: readonly ForgeryPlan[];
  readonly lies: readonly LiePlan[];
}

export const untrueOf = (seed: number): Untrue => ({
  forgeries: forgeriesOf(seed),
  lies: liesOf(seed),
});

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
export const forgeriesOf = (seed: number): readonly ForgeryPlan[] => {
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

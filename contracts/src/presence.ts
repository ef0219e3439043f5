import { type Static, Type } from '@sinclair/typebox';

/**
 * How a person was present at an opening, the weakest first: their number was typed, their face
 * compared, their code scanned, or their card read.
 */
export const GRADES = ['typed', 'face', 'code', 'card'] as const;

export const Presence = Type.Union(
  GRADES.map((grade) => Type.Literal(grade)),
  {
    description:
      'How the person was there: typed (a number alone), face, code (shown by the person), card ' +
      '(read by a reader)',
  },
);
export type Presence = Static<typeof Presence>;

/** The better of two grades. */
export const betterPresence = (one: Presence, other: Presence): Presence =>
  GRADES.indexOf(one) < GRADES.indexOf(other) ? other : one;

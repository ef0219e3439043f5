import { type Static, Type } from '@sinclair/typebox';
import { Id } from './schemas';

/**
 * Why insurers settle a visit again whose charges are as they were: what a later claim of the year
 * would be, a fact that came late (membership, person type, catalogue), a refusal that returns to the
 * patient, or an amount that an insurer put right.
 */
export const RESETTLEMENT_REASONS = ['LATER_CLAIM', 'LATE_FACT', 'REFUSED', 'ADJUSTED'] as const;

/** Which request made a visit close again, and why. */
export const Resettlement = Type.Object(
  {
    requestId: Id,
    because: Type.Union(RESETTLEMENT_REASONS.map((reason) => Type.Literal(reason))),
  },
  { additionalProperties: false },
);
export type Resettlement = Static<typeof Resettlement>;

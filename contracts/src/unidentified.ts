import { type Static, Type } from '@sinclair/typebox';
import { FreeText } from './free-text';
import { DAY_MS } from './topic';

/** So long after its start a visit of an unidentified patient can get its person: a year. */
export const IDENTIFICATION_TIMEOUT_MS = 365 * DAY_MS;

export const StaffId = FreeText({
  pattern: '^[A-Za-z0-9._-]{1,40}$',
  description: "The institution's own id of a member of its staff: no name, no ID number",
});

/** Who opened it, both of them. That they are two, no schema says. */
export const OpenedBy = Type.Array(StaffId, {
  minItems: 2,
  maxItems: 2,
  description: 'Two different members of the staff',
});

/** Why no credential could be shown. A code: words of a patient would stay in the ledger. */
export const UnidentifiedReason = Type.Union(
  (['unconscious', 'confused', 'child-alone', 'no-document'] as const).map((reason) =>
    Type.Literal(reason),
  ),
  {
    description:
      'unconscious · confused: cannot say who they are · child-alone: with no one who knows · ' +
      'no-document: says a name that no document shows',
  },
);
export type UnidentifiedReason = Static<typeof UnidentifiedReason>;

import { type Static, Type } from '@sinclair/typebox';

/** The fund that advances where a policy names no lender. */
export const FUND = 'pay-after-visit-fund';

/**
 * Who lends what a visit leaves due: the hospital waits for the patient's money, or a public fund pays
 * the hospital first. Absent: the fund, as before lenders were data.
 */
export const Lender = Type.Union(
  [
    Type.Object({ kind: Type.Literal('hospital') }, { additionalProperties: false }),
    Type.Object(
      {
        kind: Type.Literal('fund'),
        lenderId: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{1,39}$' }),
      },
      { additionalProperties: false },
    ),
  ],
  {
    description:
      'Who lends: the hospital waits for what the patient owes, or a fund pays it first. Absent: the ' +
      `fund ${FUND}`,
  },
);
export type Lender = Static<typeof Lender>;

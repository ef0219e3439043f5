import { type Static, Type } from '@sinclair/typebox';

/** The fund that advances where a policy names no lender. */
export const FUND = 'pay-after-visit-fund';

const lenderId = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{1,39}$' });
const Hospital = Type.Object({ kind: Type.Literal('hospital') }, { additionalProperties: false });
const Fund = Type.Object({ kind: Type.Literal('fund'), lenderId }, { additionalProperties: false });
const Bank = Type.Object({ kind: Type.Literal('bank'), lenderId }, { additionalProperties: false });
const Banks = Type.Object(
  {
    kind: Type.Literal('bank'),
    lenderIds: Type.Array(lenderId, {
      minItems: 1,
      maxItems: 20,
      uniqueItems: true,
      description: 'The first of them that granted the person a line, and has some left, lends',
    }),
    otherwise: Type.Union([Hospital, Fund], {
      description: 'Who lends without the person’s consent to a bank, or until one has answered',
    }),
  },
  { additionalProperties: false },
);

/**
 * Who lends what a visit leaves due: the hospital waits for the patient's money, a public fund pays the
 * hospital first, or a bank grants the person a line, pays the hospital and collects. Absent: the fund,
 * as before lenders were data.
 */
export const Lender = Type.Union([Hospital, Fund, Banks], {
  description:
    'Who lends: the hospital waits for what the patient owes, a fund pays it first, or one of these ' +
    `banks grants a line, pays and collects. Absent: the fund ${FUND}`,
});
export type Lender = Static<typeof Lender>;

/** Who lends for one visit. */
export const VisitLender = Type.Union([Hospital, Fund, Bank], {
  description:
    'Who lends: the hospital waits for what the patient owes, a fund pays it first, or a bank pays and ' +
    `collects it. Absent: the fund ${FUND}`,
});
export type VisitLender = Static<typeof VisitLender>;

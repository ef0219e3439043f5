import { type Static, Type } from '@sinclair/typebox';

/** The fund that advances where a policy names no lender. */
export const FUND = 'pay-after-visit-fund';

const lenderId = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{1,39}$' });
const Hospital = Type.Object({ kind: Type.Literal('hospital') }, { additionalProperties: false });
const Fund = Type.Object({ kind: Type.Literal('fund'), lenderId }, { additionalProperties: false });
const Bank = Type.Object({ kind: Type.Literal('bank'), lenderId }, { additionalProperties: false });

/**
 * Who lends what a visit leaves due: the hospital waits for the patient's money, or a public fund pays
 * the hospital first. Absent: the fund, as before lenders were data.
 */
export const Lender = Type.Union([Hospital, Fund], {
  description:
    'Who lends: the hospital waits for what the patient owes, or a fund pays it first. Absent: the ' +
    `fund ${FUND}`,
});
export type Lender = Static<typeof Lender>;

/** Who lends for one visit. No policy can name a bank yet: payment collects every due itself. */
export const VisitLender = Type.Union([Hospital, Fund, Bank], {
  description:
    'Who lends: the hospital waits for what the patient owes, a fund pays it first, or a bank lends ' +
    `it. No line policy names a bank yet. Absent: the fund ${FUND}`,
});
export type VisitLender = Static<typeof VisitLender>;

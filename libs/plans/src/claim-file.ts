import { type Static, Type } from '@sinclair/typebox';
import { Amount, closed, Day, FactValue, Name, oneOf, PlanId, Rate } from './file-parts';

export const ClaimLine = closed({
  id: Type.String({ minLength: 1, maxLength: 64 }),
  item: Type.Optional(Type.String({ minLength: 1 })),
  name: Type.Optional(Type.String()),
  category: Type.Optional(oneOf('A', 'B', 'C')),
  quantity: Type.Optional(Type.String({ pattern: '^\\d{1,9}(\\.\\d{1,4})?$' })),
  amount: Amount,
  day: Type.Optional(Day),
  firstSelfPay: Type.Optional(Type.Unknown()),
  limit: Type.Optional(Type.Unknown()),
  direct: Type.Optional(Rate),
  facts: Type.Optional(Type.Record(Type.String(), FactValue)),
});
export const ClaimFile = closed({
  schema: Type.Optional(Type.Literal('caretab-claim/1')),
  claim: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  person: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  family: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  admitted: Type.Optional(Day),
  discharged: Type.Optional(Day),
  settled: Type.Optional(Day),
  birth: Type.Optional(Day),
  facts: Type.Record(Type.String(), FactValue),
  memberships: Type.Optional(
    Type.Array(
      closed({
        plan: PlanId,
        from: Day,
        to: Type.Optional(Type.Union([Day, Type.Null()])),
        facts: Type.Optional(Type.Record(Type.String(), FactValue)),
      }),
    ),
  ),
  accounts: Type.Optional(Type.Record(Name, Amount)),
  lines: Type.Optional(Type.Array(ClaimLine)),
  totals: Type.Optional(
    closed({
      inScope: Type.Optional(Amount),
      direct: Type.Optional(Amount),
      firstSelfPay: Type.Optional(Amount),
      overLimit: Type.Optional(Amount),
      ownExpense: Type.Optional(Amount),
    }),
  ),
  /** What was used before, by counter: {"deductible": "400.00"}. */
  used: Type.Optional(Type.Record(Type.String(), Type.String())),
});

export type ClaimFile = Static<typeof ClaimFile>;
export type ClaimLineFile = Static<typeof ClaimLine>;

export const HistoryFile = closed({
  schema: Type.Optional(Type.Literal('caretab-history/1')),
  claims: Type.Array(ClaimFile),
});

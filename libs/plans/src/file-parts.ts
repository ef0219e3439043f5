import { type Static, type TProperties, Type } from '@sinclair/typebox';
import { AMOUNT, RATE } from './amounts';

export const closed = <Properties extends TProperties>(
  properties: Properties,
  description?: string,
) =>
  Type.Object(properties, {
    additionalProperties: false,
    ...(description !== undefined && { description }),
  });
export const oneOf = <Texts extends readonly string[]>(...texts: Texts) =>
  Type.Union(
    texts.map((text) => Type.Literal(text)),
    { description: `one of: ${texts.join(', ')}` },
  ) as unknown as ReturnType<typeof Type.Unsafe<Texts[number]>>;

export const Name = Type.String({
  pattern: '^[a-z][A-Za-z0-9-]{0,39}$',
  description: 'a name: letters, digits and -, with a small letter first',
});
export const PlanId = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,59}$',
  description: 'small letters, digits and -',
});
export const Day = Type.String({
  pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$',
  description: 'a day, such as "2026-01-01"',
});
export const Region = Type.String({
  pattern: '^\\d{6}$',
  description: 'six digits of GB/T 2260, such as "330100"',
});
export const Amount = Type.String({
  pattern: AMOUNT,
  description: 'yuan as text, such as "1500.00"',
});
export const Rate = Type.String({
  pattern: RATE,
  description: 'a percentage as text, such as "82%"',
});
export const Text = closed(
  { zh: Type.String({ minLength: 1 }), en: Type.String({ minLength: 1 }) },
  'a text in Chinese and English: {"zh", "en"}',
);

/** What is looked at in one condition. */
export const Matcher = Type.Union(
  [
    Type.String(),
    Type.Boolean(),
    Type.Array(Type.String(), { minItems: 1 }),
    closed({ from: Type.Optional(Type.Number()), below: Type.Optional(Type.Number()) }),
    closed({ fromDay: Type.Optional(Day), toDay: Type.Optional(Day) }),
    closed({ startsWith: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }) }),
    closed({ not: Type.Array(Type.String(), { minItems: 1 }) }),
    closed({ said: Type.Boolean() }),
  ],
  {
    description:
      'a code, a list of codes, true or false, {"from", "below"} of a number, ' +
      '{"fromDay", "toDay"}, {"startsWith": […]}, {"not": […]} or {"said": true}',
  },
);
export const Conditions = Type.Record(Type.String(), Matcher);
/** All conditions of an object hold; of several objects, one. */
export const When = Type.Union([Conditions, Type.Array(Conditions, { minItems: 1 })], {
  description: 'conditions such as {"care": "inpatient"}, or a list of such objects: any of them',
});

export const SCOPES = ['inScope', 'direct', 'firstSelfPay', 'overLimit', 'ownExpense'] as const;
export type Scope = (typeof SCOPES)[number];
export const ScopeName = oneOf(...SCOPES);

export const Source = closed({
  title: Type.String({ minLength: 1 }),
  url: Type.Union([Type.String(), Type.Null()]),
  grade: oneOf('A', 'B', 'C'),
  quote: Type.Optional(Type.String()),
});

export const FactValue = Type.Union(
  [Type.String(), Type.Number(), Type.Boolean(), Type.Array(Type.String())],
  { description: 'a text, a number, true or false, or a list of texts' },
);
export type Conditions = Static<typeof Conditions>;
export type When = Static<typeof When>;

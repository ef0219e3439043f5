import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { ClaimFile } from './claim-file';
import {
  Amount,
  closed,
  Day,
  Name,
  oneOf,
  PlanId,
  Rate,
  Region,
  ScopeName,
  Source,
  Text,
  When,
} from './file-parts';

const None = Type.Literal('none');
const Band = Type.Tuple([Type.Union([Amount, Type.Null()]), Rate], {
  description: 'a band: [up to, rate], such as ["40000", "82%"] or [null, "90%"]',
});
const Bands = Type.Array(Band, { minItems: 1 });

/** The most words that a table is by. */
export const WORDS_MAX = 4;

const rowsOf = (leaf: TSchema, what: string, words: number): TSchema => {
  const description = `${what}, "none", or a further row of the table`;
  return words === 0
    ? Type.Union([leaf, None], { description })
    : Type.Union([leaf, None, Type.Record(Type.String(), rowsOf(leaf, what, words - 1))], {
        description,
      });
};

/** A figure, or a table of figures by words. */
const valueOf = <Leaf extends TSchema>(leaf: Leaf, what: string) =>
  Type.Union(
    [
      leaf,
      closed({
        by: Type.Array(Type.String(), { minItems: 1, maxItems: WORDS_MAX }),
        rows: rowsOf(leaf, what, WORDS_MAX),
      }),
      closed({ table: Name }),
    ],
    { description: `${what}, a table {"by": [words], "rows": {…}}, or {"table": name}` },
  );
const AmountValue = valueOf(Amount, 'yuan as text, such as "1500.00"');
const RateValue = valueOf(Rate, 'a percentage as text, such as "82%"');
const BandsValue = valueOf(Bands, 'bands, such as [["40000", "82%"], [null, "90%"]]');
const TableValue = valueOf(
  Type.Union([Amount, Rate, Bands], { description: 'an amount, a rate or bands' }),
  'an amount, a rate or bands',
);

/** What is counted over time: how much of it was used decides the next claim. */
const Counter = closed({
  counts: oneOf('deductible', 'base', 'fund', 'visits', 'days', 'quantity'),
  within: oneOf('visit', 'day', 'month', 'year', 'lifetime'),
  per: Type.Optional(oneOf('person', 'family')),
  /** MM-DD: the year begins otherwise than that of the plan. */
  yearStarts: Type.Optional(Type.String({ pattern: '^(0[1-9]|1[0-2])-\\d{2}$' })),
  /** One counter of several plans, by this name. */
  shared: Type.Optional(PlanId),
  when: Type.Optional(When),
});

const LineRule = closed({
  id: Name,
  when: Type.Optional(When),
  source: Type.Optional(Name),
  /** The whole line, or what is left of it, goes there. */
  to: Type.Optional(ScopeName),
  /** The most that is recognised of one unit; above it, `to`, or overLimit. */
  limit: Type.Optional(Type.Union([Type.Literal('item'), AmountValue])),
  /** The patient's first share. */
  firstSelfPay: Type.Optional(Type.Union([Type.Literal('item'), RateValue])),
  /** What the fund pays of it, without deductible or bands. */
  direct: Type.Optional(Type.Union([Type.Literal('item'), RateValue])),
  /** Beyond so many units of the counter, `to`. */
  units: Type.Optional(closed({ max: Type.Integer({ minimum: 0 }), counter: Name })),
});

const Deductible = closed({
  amount: AmountValue,
  times: Type.Optional(RateValue),
  counter: Type.Optional(Name),
});
const Cap = closed({
  amount: Type.Optional(AmountValue),
  count: Type.Optional(Type.Integer({ minimum: 0 })),
  on: oneOf('fund', 'base', 'visits', 'days'),
  counter: Type.Optional(Name),
});
const Layer = closed({
  id: Name,
  name: Type.Optional(Text),
  source: Type.Optional(Name),
  when: Type.Optional(When),
  /** Only lines of the claim that meet this. */
  lines: Type.Optional(When),
  base: Type.Optional(Type.Array(ScopeName, { minItems: 1, uniqueItems: true })),
  deductible: Type.Optional(Deductible),
  bands: Type.Optional(BandsValue),
  rate: Type.Optional(RateValue),
  /** Whose percentages they are; the fund's unless it is said. */
  of: Type.Optional(oneOf('fund', 'patient')),
  /** The patient's percentage times this. */
  patientTimes: Type.Optional(RateValue),
  /** Points more for the fund. */
  plus: Type.Optional(RateValue),
  /** The counter at which the bands go on; without it every claim begins at zero. */
  over: Type.Optional(Name),
  /** "zero": the deductible fills the first band; "deductible": bands begin above it. */
  bandsFrom: Type.Optional(oneOf('zero', 'deductible')),
  fixed: Type.Optional(AmountValue),
  perDay: Type.Optional(
    closed({ amount: AmountValue, afterDays: Type.Optional(Type.Integer({ minimum: 0 })) }),
  ),
  caps: Type.Optional(Type.Array(Cap, { minItems: 1 })),
  /** fund_pay_type */
  fund: Type.Optional(Type.String({ pattern: '^\\d{6}$' })),
  /** Who bears what this layer pays: the payer, or the hospital (hosp_part_amt). */
  borneBy: Type.Optional(oneOf('payer', 'hospital')),
});

const Example = closed({
  name: Type.String({ minLength: 1 }),
  source: Type.Optional(Name),
  claim: ClaimFile,
  expect: closed({
    fund: Type.Optional(Amount),
    patient: Type.Optional(Amount),
    layers: Type.Optional(Type.Record(Name, Amount)),
    deductible: Type.Optional(Amount),
  }),
});

export const PlanFile = closed({
  $schema: Type.Optional(Type.String()),
  schema: Type.Literal('caretab-plan/1'),
  plan: PlanId,
  name: Text,
  payer: PlanId,
  kind: oneOf('basic', 'supplementary', 'aid', 'commercial', 'voucher'),
  insutypes: Type.Optional(Type.Array(Type.String({ pattern: '^\\d{3}$' }), { minItems: 1 })),
  region: Type.Optional(Region),
  from: Day,
  to: Type.Union([Day, Type.Null()]),
  sources: Type.Record(Name, Source),
  /** The source of every figure that names none. */
  source: Name,
  about: Type.Optional(Text),
  year: Type.Optional(
    closed({
      starts: Type.Optional(Type.String({ pattern: '^(0[1-9]|1[0-2])-\\d{2}$' })),
      by: oneOf('admission', 'discharge', 'settlement'),
      /** Which day decides the version and the membership, where it is not that of the year. */
      versionBy: Type.Optional(oneOf('admission', 'discharge', 'settlement')),
      /** Whether a stay over the year's end is settled in two parts, by the day of each service. */
      split: Type.Optional(Type.Boolean()),
    }),
  ),
  facts: Type.Optional(
    Type.Record(
      Name,
      closed({
        type: oneOf('code', 'codes', 'boolean', 'number', 'date'),
        of: oneOf('claim', 'line'),
        name: Text,
      }),
    ),
  ),
  words: Type.Optional(
    Type.Record(
      Name,
      closed({
        name: Text,
        cases: Type.Array(
          closed({ is: Type.String({ minLength: 1 }), when: Type.Optional(When) }),
          {
            minItems: 1,
          },
        ),
      }),
    ),
  ),
  counters: Type.Optional(Type.Record(Name, Counter)),
  tables: Type.Optional(Type.Record(Name, TableValue)),
  when: Type.Optional(When),
  waitingDays: Type.Optional(Type.Integer({ minimum: 0 })),
  lines: Type.Optional(Type.Union([Type.Literal('standard'), Type.Array(LineRule)])),
  limitBy: Type.Optional(Type.String()),
  firstSelfPayBy: Type.Optional(Type.String()),
  layers: Type.Array(Layer, { minItems: 1 }),
  round: Type.Optional(
    closed({
      at: oneOf('band', 'layer'),
      to: oneOf('0.01', '0.1', '1'),
      how: oneOf('half-up', 'down'),
    }),
  ),
  examples: Type.Array(Example),
});
export type PlanFile = Static<typeof PlanFile>;
export type LayerFile = Static<typeof Layer>;
export type LineRuleFile = Static<typeof LineRule>;
export type CounterFile = Static<typeof Counter>;

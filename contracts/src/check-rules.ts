import { type Static, Type } from '@sinclair/typebox';
import { Fen } from './schemas';

const closed = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

const Times = Type.Integer({ minimum: 1, maximum: 10_000 });
/** What is looked at of a person lies at most so far back: two years. */
const Days = Type.Integer({ minimum: 1, maximum: 731 });
/** Of what is found line by line: lines are read for this long, not for years. */
const LineDays = Type.Integer({ minimum: 1, maximum: 31 });
const Items = Type.Array(Type.String({ pattern: '^[A-Za-z0-9-]{1,40}$' }), {
  ...{ minItems: 1, maxItems: 200, uniqueItems: true },
  description: 'Beginnings of item codes; X are drugs, C consumables',
});

const named = {
  id: Type.String({ pattern: '^[a-z][a-z0-9-]{2,39}$' }),
  name: closed({
    zh: Type.String({ minLength: 2, maxLength: 60 }),
    en: Type.String({ minLength: 2, maxLength: 120 }),
  }),
};
const kind = <const Name extends string>(name: Name) => ({ ...named, kind: Type.Literal(name) });

/** One thing that is looked for in claims. A closed set of kinds: no code of a region runs. */
export const CheckRule = Type.Union([
  closed({ ...kind('same-item-elsewhere'), items: Items, fromFen: Fen }),
  closed({
    ...kind('item-count'),
    ...{ items: Items, within: Type.Union([Type.Literal('day'), Type.Literal('month')]) },
    most: Times,
  }),
  closed(kind('two-places')),
  closed(kind('overlapping-stays')),
  closed({ ...kind('bed-days'), withinDays: Days, most: Times }),
  closed({
    ...kind('readmission'),
    ...{ withinDays: LineDays, sameInstitution: Type.Boolean() },
  }),
  closed({ ...kind('above-standard'), fromFen: Fen }),
  closed({ ...kind('credited-later'), withinDays: Days, fromFen: Fen, times: Times }),
  closed({ ...kind('bought-and-returned'), items: Items, withinDays: LineDays, times: Times }),
  closed({
    ...kind('many-institutions'),
    ...{ items: Items, withinDays: LineDays, fromFen: Fen, institutions: Times },
  }),
]);
export type CheckRule = Static<typeof CheckRule>;

/** What a region has its claims looked through for, with its thresholds. */
export const CheckRules = closed({
  schema: Type.Literal('caretab-checks/1'),
  region: Type.String({ pattern: '^\\d{6}$', description: 'GB/T 2260' }),
  source: Type.String({ minLength: 3, maxLength: 400, description: 'Where the figures come from' }),
  twoPersonsFromFen: Type.Integer({
    ...{ minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    description: 'What is confirmed from this amount on is decided by two persons',
  }),
  rules: Type.Array(CheckRule, { maxItems: 100 }),
});
export type CheckRules = Static<typeof CheckRules>;

/** Why something of a claim is not borne (regulation on the medical-security fund; frequency). */
export const FUND_FAULTS = [
  'CHARGED_TWICE',
  'ABOVE_STANDARD',
  'SPLIT_ITEM',
  'EXCHANGED_ITEM',
  'OUT_OF_RESTRICTION',
  'IDLE_STAY',
  'SPLIT_STAY',
  'FREQUENCY',
  'INVALID_CLAIM',
] as const;

import { type Static, Type } from '@sinclair/typebox';

const Id = Type.String({ pattern: '^[a-z][a-z0-9-]{1,39}$' });
const Hours = Type.Integer({ minimum: 1, maximum: 24 * 90 });
const Fen = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Count = Type.Integer({ minimum: 1, maximum: 1_000_000 });
const rule = <Kind extends string, Fields extends object>(kind: Kind, fields: Fields) =>
  Type.Object({ id: Id, kind: Type.Literal(kind), ...fields }, { additionalProperties: false });

/** A rule holds a debit for review where it fits. Hours are counted back from the debit. */
export const RiskRule = Type.Union([
  /** One debit above so much. */
  rule('amount', { aboveFen: Fen }),
  /** With this one, more debits of the account than so many. */
  rule('velocity', { count: Count, withinHours: Hours }),
  /** With this one, more taken of the account than so much. */
  rule('sum', { aboveFen: Fen, withinHours: Hours }),
  /** A debit above so much of an account that was bound so shortly ago. */
  rule('new-account', { aboveFen: Fen, withinHours: Hours }),
  /** So many debits of the account were declined before. */
  rule('declines', { count: Count, withinHours: Hours }),
]);
export type RiskRule = Static<typeof RiskRule>;

export const RiskRules = Type.Object(
  {
    version: Type.String({ minLength: 1, maxLength: 40 }),
    rules: Type.Array(RiskRule, { maxItems: 50 }),
  },
  { additionalProperties: false },
);
export type RiskRules = Static<typeof RiskRules>;

/** Of a region without rules: no debit is held. */
export const NO_RULES: RiskRules = { version: 'none', rules: [] };

/** What orders did with an account within some hours. */
export interface AccountPast {
  readonly debits: number;
  readonly takenFen: number;
  readonly declines: number;
}

/** A debit as rules look at it. `past`: within so many hours before it, without it. */
export interface Debit {
  readonly amountFen: number;
  readonly boundForMs: number;
  readonly past: (withinHours: number) => AccountPast;
}

const HOUR_MS = 3_600_000;

const fits = (rule: RiskRule, { amountFen, boundForMs, past }: Debit): boolean => {
  switch (rule.kind) {
    case 'amount':
      return amountFen > rule.aboveFen;
    case 'velocity':
      return past(rule.withinHours).debits + 1 > rule.count;
    case 'sum':
      return past(rule.withinHours).takenFen + amountFen > rule.aboveFen;
    case 'new-account':
      return amountFen > rule.aboveFen && boundForMs < rule.withinHours * HOUR_MS;
    case 'declines':
      return past(rule.withinHours).declines >= rule.count;
  }
};

/** The ids of the rules that hold a debit, in the order of the file; none: it may go. */
export const holding = ({ rules }: RiskRules, debit: Debit): string[] =>
  rules.filter((each) => fits(each, debit)).map(({ id }) => id);

/** The hours that rules look back, each once. */
export const windowsOf = ({ rules }: RiskRules): number[] => [
  ...new Set(
    rules.flatMap((each) =>
      each.kind === 'amount' || each.kind === 'new-account' ? [] : [each.withinHours],
    ),
  ),
];

/** Rules of a file, each id once. Throws an Error of one sentence for who starts the service. */
export const riskRulesOf = (name: string, risk: RiskRules): RiskRules => {
  const ids = risk.rules.map(({ id }) => id);
  const again = ids.find((id, index) => ids.indexOf(id) !== index);
  if (again !== undefined)
    throw new Error(`The data file ${name} is wrong: the rule ${again} stands there twice.`);
  return risk;
};

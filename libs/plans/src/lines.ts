import { extend, formatDecimal, formatYuan, parseDecimal } from '@caretab/kernel';
import { shareOf } from './amounts';
import { indexOfScope, nothing, type Scoped } from './bill';
import {
  type Circumstances,
  conditionOf,
  type Named,
  missing,
  type Names,
  type Test,
} from './conditions';
import type { Counter } from './counters';
import type { Scope } from './file-parts';
import type { LineRuleFile, PlanFile } from './plan-file';
import { pointer } from './strict-json';
import { amountKind, rateKind, type Tables, type Value, valueOf } from './values';

/** What the catalogue says of an item, or the claim of its line. */
export interface ItemTerms {
  /** A rate, or one by the value of the plan's `firstSelfPayBy`, or one by the unit's price. */
  readonly firstSelfPay?:
    | number
    | ReadonlyMap<string, number>
    | readonly { readonly upTo: number; readonly rate: number }[]
    | undefined;
  /** Yuan a unit, or by the value of the plan's `limitBy`. */
  readonly limit?: string | ReadonlyMap<string, string> | undefined;
  readonly direct?: number | undefined;
}

export interface PricedLine {
  readonly id: string;
  readonly amountFen: number;
  /** At most four decimals. */
  readonly quantity: string;
  readonly unitPriceFen: number | undefined;
  readonly terms: ItemTerms;
  /** Whether the line says its day itself. */
  readonly isDated: boolean;
  readonly circumstances: Circumstances;
}

/** What one rule did with a line. */
export interface LineStep {
  readonly rule: string;
  readonly path: string;
  readonly to: Scope;
  readonly fen: number;
  /** The rate or limit that it was worked out with. */
  readonly rate?: number;
  readonly limitYuan?: string;
}

export interface ClassifiedLine {
  readonly scopes: Scoped;
  readonly steps: readonly LineStep[];
}

/** Line rules that a plan need not write: those of the national interface (2204). */
export const STANDARD_LINES: readonly LineRuleFile[] = [
  { id: 'own-expense', when: { itemCategory: 'C' }, to: 'ownExpense' },
  {
    id: 'restricted',
    when: [
      { restricted: true, approval: ['0', '2'] },
      { restricted: false, approval: '2' },
    ],
    to: 'ownExpense',
  },
  { id: 'price-limit', limit: 'item' },
  { id: 'direct', when: { ratioType: '20' }, direct: 'item' },
  { id: 'first-self-pay', when: { itemCategory: 'B' }, firstSelfPay: 'item' },
];

interface Rule {
  readonly file: LineRuleFile;
  readonly path: string;
  readonly test: Test;
  readonly limit: Value<number> | undefined;
  readonly share: Value<number> | undefined;
  readonly direct: Value<number> | undefined;
}

/** What line rules read and note about units. */
export interface Units {
  used(counter: string): number;
  add(counter: string, amount: number): void;
}

export interface LineRules {
  /** Whether a line's scopes depend on the lines before it. */
  readonly countsUnits: boolean;
  classify(line: PricedLine, circumstances: Circumstances, units: Units): ClassifiedLine;
}

const ruleOf = (file: LineRuleFile, plan: PlanFile, names: Names, path: string): Rule => {
  const tables = (plan.tables ?? {}) as Tables;
  const at = (key: string) => ({ names, tables, path: pointer(path, key) });
  const figure = (value: unknown, key: 'limit' | 'firstSelfPay' | 'direct') =>
    value === undefined || value === 'item'
      ? undefined
      : valueOf(key === 'limit' ? amountKind : rateKind, value as never, at(key));
  return {
    ...{ file, path },
    test: conditionOf(file.when, names, pointer(path, 'when'), 'line').test,
    limit: figure(file.limit, 'limit'),
    share: figure(file.firstSelfPay, 'firstSelfPay'),
    direct: figure(file.direct, 'direct'),
  };
};

/** The line rules of a plan, compiled; undefined where it has none. */
export const lineRulesOf = (
  plan: PlanFile,
  names: Names,
  counters: ReadonlyMap<string, Counter>,
): LineRules | undefined => {
  if (plan.lines === undefined) return undefined;
  const files = plan.lines === 'standard' ? STANDARD_LINES : plan.lines;
  const rules = files.map((file, index) =>
    ruleOf(file, plan, names, plan.lines === 'standard' ? '/lines' : pointer('/lines', index)),
  );
  for (const { file, path } of rules) {
    const counter = file.units && counters.get(file.units.counter);
    if (file.units && counter?.counts !== 'quantity')
      names.fault(
        pointer(path, 'units'),
        `“${file.units.counter}” is no counter of quantities.`,
        'Add it to “counters”, with {"counts": "quantity"}.',
      );
  }
  const by = {
    limit: wordOf(plan.limitBy, names, '/limitBy'),
    share: wordOf(plan.firstSelfPayBy, names, '/firstSelfPayBy'),
  };
  return {
    countsUnits: files.some(({ units }) => units !== undefined),
    classify: (line, circumstances, units) =>
      classify({ line, circumstances, by, plan: plan.plan, units }, rules),
  };
};

const wordOf = (name: string | undefined, names: Names, path: string): Named | undefined => {
  const named = name === undefined ? undefined : names.find(name);
  if (name !== undefined && !named)
    names.fault(path, `Nothing is called “${name}”.`, `There are: ${names.list()}.`);
  return named;
};

/** A line that is being sorted. */
interface Asked {
  readonly line: PricedLine;
  readonly circumstances: Circumstances;
  readonly by: By;
  readonly plan: string;
  readonly units: Units;
}

interface By {
  readonly limit: Named | undefined;
  readonly share: Named | undefined;
}

const keyedBy = <Found>(
  map: ReadonlyMap<string, Found>,
  named: Named | undefined,
  field: string,
  plan: string,
  circumstances: Circumstances,
): Found | undefined => {
  const value = named?.read(circumstances);
  if (value === undefined) throw missing(field, plan);
  return map.get(String(value as string)) ?? map.get('*');
};

const limitOf = (
  rule: Rule,
  { line: { terms }, circumstances, by, plan }: Asked,
): string | undefined => {
  const own = rule.limit?.of(circumstances);
  if (own !== undefined) return own === null ? undefined : formatYuan(own);
  const { limit } = terms;
  return limit instanceof Map
    ? keyedBy(limit as ReadonlyMap<string, string>, by.limit, 'limitBy', plan, circumstances)
    : (limit as string | undefined);
};

const itemShare = ({ line, circumstances, by, plan }: Asked): number => {
  const {
    terms: { firstSelfPay },
    unitPriceFen,
  } = line;
  if (firstSelfPay === undefined) throw missing('firstSelfPay', plan);
  if (typeof firstSelfPay === 'number') return firstSelfPay;
  if (firstSelfPay instanceof Map)
    return (
      keyedBy(
        firstSelfPay as ReadonlyMap<string, number>,
        by.share,
        'firstSelfPayBy',
        plan,
        circumstances,
      ) ?? 0
    );
  if (unitPriceFen === undefined) throw missing('unitPrice', plan);
  const bands = firstSelfPay as readonly { upTo: number; rate: number }[];
  // The unit's price is a fraction of a fen where the amount is no multiple of the quantity.
  const quantity = parseDecimal(line.quantity, 4);
  const isWithin = (upTo: number): boolean =>
    upTo === Infinity || BigInt(line.amountFen) * 10_000n <= BigInt(upTo) * quantity;
  return bands.find(({ upTo }) => isWithin(upTo))?.rate ?? 0;
};

/** Units beyond those that are left of a counter, as a part of the line's rest. */
const beyond = (
  { max, counter }: { readonly max: number; readonly counter: string },
  line: PricedLine,
  restFen: number,
  units: Units,
): number => {
  const quantity = Number(parseDecimal(line.quantity, 4));
  const left = Math.max(0, max * 10_000 - units.used(counter));
  const kept = Math.min(quantity, left);
  units.add(counter, kept);
  if (kept === quantity) return 0;
  return restFen - Number((BigInt(restFen) * BigInt(kept)) / BigInt(quantity));
};

/** Only what the rule worked with is in it: verdicts are kept as they are. */
const lineStep = (
  { file, path }: Rule,
  to: Scope,
  fen: number,
  rate: number | undefined,
  limitYuan: string | undefined,
): LineStep => {
  if (rate !== undefined) return { rule: file.id, path, to, fen, rate };
  if (limitYuan !== undefined) return { rule: file.id, path, to, fen, limitYuan };
  return { rule: file.id, path, to, fen };
};

const classify = (asked: Asked, rules: readonly Rule[]): ClassifiedLine => {
  const { line, circumstances, units } = asked;
  const scopes = nothing();
  const steps: LineStep[] = [];
  let rest = line.amountFen;
  for (const rule of rules) {
    if (rest === 0) break;
    const { file } = rule;
    if (!rule.test(circumstances)) continue;
    const put = (to: Scope, fen: number, rate?: number, limitYuan?: string): void => {
      if (fen === 0) return;
      scopes[indexOfScope(to)]! += fen;
      rest -= fen;
      steps.push(lineStep(rule, to, fen, rate, limitYuan));
    };
    if (file.units) put(file.to ?? 'ownExpense', beyond(file.units, line, rest, units));
    else if (file.limit !== undefined) {
      const limitYuan = limitOf(rule, asked);
      if (limitYuan !== undefined) {
        const over = Math.max(0, rest - extend(line.quantity, limitYuan));
        put(file.to ?? 'overLimit', over, undefined, limitYuan);
      }
    } else if (file.firstSelfPay !== undefined) {
      const rate = rule.share?.of(circumstances) ?? itemShare(asked);
      put(file.to ?? 'firstSelfPay', shareOf(rest, rate), rate);
    } else if (file.direct !== undefined) {
      const rate = rule.direct?.of(circumstances) ?? line.terms.direct;
      if (rate === undefined) throw missing('direct', asked.plan);
      const fund = shareOf(rest, rate);
      put('firstSelfPay', rest - fund, rate);
      put('direct', fund, rate);
    } else put(file.to ?? 'inScope', rest);
  }
  scopes[indexOfScope('inScope')]! += rest;
  return { scopes, steps };
};

/** What a line's unit costs, for a range by price; undefined where it says no quantity. */
export const unitPriceFenOf = (amountFen: number, quantity: string): number | undefined => {
  const units = parseDecimal(quantity, 4);
  return units === 0n ? undefined : Number((BigInt(amountFen) * 10_000n) / units);
};

export const quantityText = (tenThousandths: number): string =>
  formatDecimal(BigInt(tenThousandths), 4);

import type { Plan } from './compile';
import { type Language, SCOPE_NAMES } from './explain';
import { FACTS } from './facts';
import type { When } from './file-parts';
import type { LayerFile, LineRuleFile, PlanFile } from './plan-file';
import type { Rows, ValueFile } from './values';

type Say = (zh: string, en: string) => string;

/** What one place of a plan says, in one language. */
class Telling {
  readonly lines: string[] = [];
  readonly say: Say;

  constructor(
    readonly plan: PlanFile,
    readonly language: Language,
  ) {
    this.say = (zh, en) => (language === 'zh' ? zh : en);
  }

  put(depth: number, text: string): void {
    this.lines.push(`${'  '.repeat(depth)}${text}`);
  }

  nameOf(name: string): string {
    const fact = FACTS[name];
    return (
      this.plan.words?.[name]?.name[this.language] ??
      this.plan.facts?.[name]?.name[this.language] ??
      (fact ? fact[this.language] : name)
    );
  }
}

const matcherText = ({ say }: Telling, wanted: unknown): string => {
  if (typeof wanted === 'boolean') return wanted ? say('是', 'yes') : say('否', 'no');
  if (typeof wanted === 'string') return wanted;
  if (Array.isArray(wanted)) return wanted.join(say('、', ' or '));
  const { from, below, fromDay, toDay, startsWith, not, said } = wanted as Record<string, never>;
  if (startsWith)
    return say(`以 ${String(startsWith)} 开头`, `beginning with ${String(startsWith)}`);
  if (not) return say(`非 ${String(not)}`, `not ${String(not)}`);
  if (said !== undefined) return said ? say('已填写', 'said') : say('未填写', 'not said');
  const [first, last] = [from ?? fromDay, below ?? toDay];
  return [
    first === undefined ? '' : say(`从 ${String(first)} 起`, `from ${String(first)}`),
    last === undefined
      ? ''
      : below === undefined
        ? say(`至 ${String(last)}`, `to ${String(last)}`)
        : say(`小于 ${String(last)}`, `below ${String(last)}`),
  ].join(' ');
};

const whenText = (telling: Telling, when: When | undefined): string => {
  if (when === undefined) return telling.say('总是', 'always');
  const alternatives = Array.isArray(when) ? when : [when];
  return alternatives
    .map((conditions) =>
      Object.entries(conditions)
        .map(([name, wanted]) => `${telling.nameOf(name)} = ${matcherText(telling, wanted)}`)
        .join(telling.say('，且', ' and ')),
    )
    .join(telling.say('；或 ', '; or '));
};

const leafText = (
  telling: Telling,
  leaf: string | readonly (readonly [string | null, string])[],
) =>
  typeof leaf === 'string'
    ? leaf === 'none'
      ? telling.say('不支付', 'nothing is paid')
      : leaf
    : leaf
        .map(([upTo, rate]) =>
          upTo === null
            ? telling.say(`以上 ${rate}`, `above it ${rate}`)
            : telling.say(`至 ${upTo} 元 ${rate}`, `to ${upTo} ${rate}`),
        )
        .join(', ');

const rowsText = (telling: Telling, by: readonly string[], rows: Rows, depth: number): void => {
  if (typeof rows === 'string' || Array.isArray(rows)) {
    telling.put(depth, leafText(telling, rows as string));
    return;
  }
  const [word, ...further] = by;
  for (const [value, below] of Object.entries(rows as Record<string, Rows>)) {
    const label = `${telling.nameOf(word!)} ${value === '*' ? telling.say('其他', 'other') : value}`;
    if (typeof below === 'string' || Array.isArray(below))
      telling.put(depth, `${label}: ${leafText(telling, below as string)}`);
    else {
      telling.put(depth, `${label}:`);
      rowsText(telling, further, below, depth + 1);
    }
  }
};

const valueText = (telling: Telling, label: string, value: unknown, depth = 1): void => {
  if (value === undefined) return;
  const file = value as ValueFile;
  const table =
    typeof file === 'object' && 'table' in file
      ? (telling.plan.tables?.[file.table] as ValueFile | undefined)
      : file;
  if (table === undefined) return;
  if (typeof table === 'string' || Array.isArray(table)) {
    telling.put(depth, `${label}: ${leafText(telling, table as string)}`);
    return;
  }
  telling.put(depth, `${label}:`);
  const { by, rows } = table as { by: string[]; rows: Rows };
  rowsText(telling, by, rows, depth + 1);
};

const counterText = (telling: Telling, name: string | undefined): string => {
  const counter = name === undefined ? undefined : telling.plan.counters?.[name];
  const { say } = telling;
  if (!counter) return say('每次', 'each visit');
  const within = {
    visit: say('每次', 'a visit'),
    day: say('每日', 'a day'),
    month: say('每月', 'a month'),
    year: say('每年', 'a year'),
    lifetime: say('终身', 'in a lifetime'),
  }[counter.within];
  return counter.per === 'family' ? say(`${within}（家庭）`, `${within}, for the family`) : within;
};

const layerText = (telling: Telling, layer: LayerFile): void => {
  const { say, language } = telling;
  const base = (layer.base ?? ['inScope']).map((scope) => SCOPE_NAMES[scope][language]);
  telling.put(0, `${layer.name?.[language] ?? layer.id} (${base.join(' + ')})`);
  telling.put(1, `${say('适用', 'When')}: ${whenText(telling, layer.when)}`);
  if (layer.lines) telling.put(1, `${say('仅限明细', 'Lines')}: ${whenText(telling, layer.lines)}`);
  if (layer.deductible) {
    const counted = counterText(telling, layer.deductible.counter);
    valueText(telling, `${say('起付线', 'Deductible')}, ${counted}`, layer.deductible.amount);
    valueText(telling, say('起付线比例', 'Deductible times'), layer.deductible.times);
  }
  const whose =
    layer.of === 'patient'
      ? say('个人负担比例', 'The patient’s share')
      : say('基金支付比例', 'The fund’s share');
  valueText(telling, whose, layer.bands ?? layer.rate);
  if (layer.over)
    telling.put(1, say('分段按累计计算', `Bands go on over ${counterText(telling, layer.over)}`));
  valueText(telling, say('个人比例乘以', 'The patient’s share times'), layer.patientTimes);
  valueText(telling, say('基金比例增加', 'Points more for the fund'), layer.plus);
  valueText(telling, say('定额', 'Fixed sum'), layer.fixed);
  valueText(telling, say('每日', 'A day'), layer.perDay?.amount);
  const on = {
    fund: say('基金支付', 'what the fund pays'),
    base: say('费用', 'costs'),
    visits: say('次数', 'visits'),
    days: say('天数', 'days'),
  };
  for (const cap of layer.caps ?? []) {
    const label = `${say('封顶', 'Cap on')} ${on[cap.on]}, ${counterText(telling, cap.counter)}`;
    valueText(telling, label, cap.amount ?? String(cap.count));
  }
  if (layer.borneBy === 'hospital') telling.put(1, say('由医院承担', 'The hospital bears it'));
};

const lineRuleText = (telling: Telling, rule: LineRuleFile): void => {
  const { say, language } = telling;
  const to = rule.to ? SCOPE_NAMES[rule.to][language] : undefined;
  telling.put(1, `${rule.id}: ${whenText(telling, rule.when)}${to ? ` → ${to}` : ''}`);
  const of = (value: unknown): unknown => (value === 'item' ? undefined : value);
  const item = say('按目录', 'by the catalogue');
  if (rule.limit)
    telling.put(2, `${say('限价', 'Price limit')}${rule.limit === 'item' ? ` ${item}` : ''}`);
  if (rule.firstSelfPay)
    telling.put(
      2,
      `${say('先行自付', 'First self-pay')}${rule.firstSelfPay === 'item' ? ` ${item}` : ''}`,
    );
  if (rule.direct)
    telling.put(2, `${say('直接支付', 'Direct')}${rule.direct === 'item' ? ` ${item}` : ''}`);
  valueText(telling, '=', of(rule.limit) ?? of(rule.firstSelfPay) ?? of(rule.direct), 2);
  if (rule.units)
    telling.put(
      2,
      say(`最多 ${String(rule.units.max)} 单位`, `At most ${String(rule.units.max)} units`) +
        `, ${counterText(telling, rule.units.counter)}`,
    );
};

/** A plan in words, as a policy page would say it. */
export const explainPlan = (plan: Plan, language: Language): readonly string[] => {
  const { file } = plan;
  const telling = new Telling(file, language);
  const { say } = telling;
  telling.put(0, `${file.name[language]} (${file.plan})`);
  telling.put(1, `${say('支付方', 'Payer')}: ${file.payer}`);
  telling.put(1, `${say('生效', 'In force')}: ${file.from} – ${file.to ?? say('至今', 'open')}`);
  telling.put(1, `${say('版本', 'Version')}: ${plan.version}`);
  for (const [id, { title, url, grade }] of Object.entries(file.sources))
    telling.put(1, `${say('来源', 'Source')} ${id}: ${title} (${grade})${url ? ` ${url}` : ''}`);
  if (file.when) telling.put(1, `${say('适用', 'When')}: ${whenText(telling, file.when)}`);
  for (const [word, { name, cases }] of Object.entries(file.words ?? {})) {
    telling.put(0, `${name[language]} (${word})`);
    for (const { is, when } of cases)
      telling.put(1, `${is}: ${when ? whenText(telling, when) : say('其他', 'otherwise')}`);
  }
  if (Array.isArray(file.lines)) {
    telling.put(0, say('明细规则', 'Rules for lines'));
    for (const rule of file.lines) lineRuleText(telling, rule);
  }
  for (const layer of file.layers) layerText(telling, layer);
  return telling.lines;
};

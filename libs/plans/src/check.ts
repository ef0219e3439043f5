import { isDay, WHOLE } from './amounts';
import { wordFindings } from './check-words';
import type { LayerFile, PlanFile } from './plan-file';
import { type Finding, pointer } from './strict-json';
import type { Band, Value } from './values';

/** What a check needs of a compiled layer. */
interface Checked {
  readonly figures: {
    readonly bands: Value<readonly Band[]> | undefined;
    readonly rate: Value<number> | undefined;
    readonly patientTimes: Value<number> | undefined;
    readonly plus: Value<number> | undefined;
    readonly caps: readonly (Value<number> | undefined)[];
  };
}

type Fault = (path: string, why: string, remedy: string) => void;

/** The figures of a percentage wherever it may come from. */
const ratesOf = ({ figures }: Checked): number[] => [
  ...(figures.rate?.leaves.map(({ leaf }) => leaf) ?? []),
  ...(figures.bands?.leaves.flatMap(({ leaf }) => leaf.map(({ rate }) => rate)) ?? []),
];

/** Of bands, a rate, a fixed sum and a sum a day, a layer has one; options need what they change. */
const oneWay = (layer: LayerFile, path: string, fault: Fault): void => {
  const ways = (['bands', 'rate', 'fixed', 'perDay'] as const).filter(
    (way) => layer[way] !== undefined,
  );
  if (ways.length !== 1)
    fault(
      path,
      ways.length === 0 ? 'The layer pays nothing.' : `The layer pays by ${ways.join(' and by ')}.`,
      'Give it one of: bands, rate, fixed, perDay.',
    );
  const byRate = layer.bands !== undefined || layer.rate !== undefined;
  for (const option of ['of', 'patientTimes', 'plus', 'over', 'bandsFrom'] as const)
    if (layer[option] !== undefined && !byRate)
      fault(
        pointer(path, option),
        `“${option}” changes percentages, and this layer has none.`,
        'Take it out.',
      );
};

const products = (layer: LayerFile, checked: Checked, path: string, fault: Fault): void => {
  const times = checked.figures.patientTimes?.leaves.map(({ leaf }) => leaf) ?? [];
  const plus = checked.figures.plus?.leaves.map(({ leaf }) => leaf) ?? [];
  for (const rate of ratesOf(checked)) {
    const patient = layer.of === 'patient' ? rate : WHOLE - rate;
    if (times.some((factor) => (patient * factor) % WHOLE !== 0))
      fault(
        pointer(path, 'patientTimes'),
        'The patient’s percentage times this has more than four decimals.',
        'Write the percentages as they result, in a table.',
      );
  }
  if (plus.length > 0 && layer.of === 'patient' && times.length > 0)
    fault(pointer(path, 'plus'), 'Nothing says which comes first.', 'Use plus or patientTimes.');
};

/** The most that a layer can pay of a base, by its best bands. */
const mostOf = (layer: LayerFile, checked: Checked, baseFen: number): number => {
  const ofBands = (bands: readonly Band[]): number => {
    let [sum, lower] = [0, 0];
    for (const { upTo, rate } of bands) {
      const fund = layer.of === 'patient' ? WHOLE - rate : rate;
      const part = Math.max(0, Math.min(upTo, baseFen) - lower);
      sum += (part * fund) / WHOLE;
      lower = upTo;
    }
    return sum;
  };
  const { bands, rate, plus } = checked.figures;
  const all = [
    ...(bands?.leaves.map(({ leaf }) => ofBands(leaf)) ?? []),
    ...(rate?.leaves.map(({ leaf }) => ofBands([{ upTo: Infinity, rate: leaf }])) ?? []),
  ];
  const points = Math.max(0, ...(plus?.leaves.map(({ leaf }) => leaf) ?? []));
  return Math.max(...all) + (baseFen * points) / WHOLE;
};

/** Above which base bands pay nothing more; Infinity where they go on. */
const lastPaid = ({ of }: LayerFile, { figures }: Checked): number =>
  Math.max(
    ...(figures.bands?.leaves.map(({ leaf }) => {
      const last = leaf.at(-1)!;
      return last.rate === (of === 'patient' ? WHOLE : 0) ? (leaf.at(-2)?.upTo ?? 0) : Infinity;
    }) ?? [Infinity]),
  );

/** A cap on the fund that the cap on the base never lets it reach. */
const capsReached = (layer: LayerFile, checked: Checked, path: string, fault: Fault): void => {
  const caps = layer.caps ?? [];
  for (const [index, { amount, count, on }] of caps.entries()) {
    const at = pointer(pointer(path, 'caps'), index);
    if ((amount === undefined) === (count === undefined))
      fault(at, 'A cap has an amount or a count.', 'Give it one of the two.');
    if ((on === 'fund' || on === 'base') !== (amount !== undefined))
      fault(at, `A cap on ${on} has ${amount ? 'a count' : 'an amount'}.`, 'Correct it.');
  }
  const capsOn = (on: string): number[] =>
    caps.flatMap((cap, index) =>
      cap.on === on && cap.amount
        ? (checked.figures.caps[index]?.leaves.map(({ leaf }) => leaf) ?? [])
        : [],
    );
  if (layer.bands === undefined && layer.rate === undefined) return;
  const base = Math.min(Math.max(...capsOn('base'), -Infinity), lastPaid(layer, checked));
  const capped = capsOn('base').length > 0 ? base : lastPaid(layer, checked);
  const fund = Math.min(...capsOn('fund'));
  if (!Number.isFinite(capped) || !Number.isFinite(fund)) return;
  if (mostOf(layer, checked, capped) < fund)
    fault(
      pointer(path, 'caps'),
      'The cap on the fund is never reached: bands or the cap on the base end it before.',
      'Correct one of the two, or take the one on the fund out.',
    );
};

/** Names that stand in no list, and entries of lists that nothing names. */
const references = (plan: PlanFile, fault: Fault): void => {
  const sources = new Set(Object.keys(plan.sources));
  const text = JSON.stringify({ ...plan, sources: {} });
  const named: [string | undefined, string][] = [
    [plan.source, '/source'],
    ...plan.layers.map(({ source }, index): [string | undefined, string] => [
      source,
      `/layers/${index}/source`,
    ]),
    ...(Array.isArray(plan.lines) ? plan.lines : []).map(
      ({ source }, index): [string | undefined, string] => [source, `/lines/${index}/source`],
    ),
  ];
  for (const [source, path] of named)
    if (source !== undefined && !sources.has(source))
      fault(path, `No source is called “${source}”.`, 'Add it to “sources”.');
  for (const table of Object.keys(plan.tables ?? {}))
    if (!text.includes(`{"table":${JSON.stringify(table)}}`))
      fault(pointer('/tables', table), 'No rule asks for this table.', 'Use it, or take it out.');
  const asking = JSON.stringify([plan.layers, plan.lines, plan.words, plan.when]);
  for (const counter of Object.keys(plan.counters ?? {}))
    if (!asking.includes(JSON.stringify(counter)))
      fault(pointer('/counters', counter), 'Nothing looks at this counter.', 'Take it out.');
};

const twice = (ids: readonly string[], path: string, what: string, fault: Fault): void => {
  for (const [index, id] of ids.entries())
    if (ids.indexOf(id) !== index)
      fault(pointer(path, index), `${what} “${id}” stands twice.`, 'Give it another id.');
};

/** What is wrong with a plan as a whole, beyond names and tables. */
export const checkPlan = (plan: PlanFile, layers: readonly Checked[]): Finding[] => {
  const findings: Finding[] = [];
  const fault: Fault = (path, why, remedy) => void findings.push({ path, why, remedy });
  for (const [path, day] of [
    ['/from', plan.from],
    ['/to', plan.to],
    // A year may begin on a leap day, so it is looked at in a leap year.
    ['/year/starts', plan.year?.starts && `2024-${plan.year.starts}`],
  ] as const)
    if (typeof day === 'string' && !isDay(day)) fault(path, 'There is no such day.', 'Correct it.');
  if (plan.to !== null && plan.to < plan.from)
    fault('/to', 'The plan ends before it begins.', 'Correct one of the two days.');
  for (const [index, layer] of plan.layers.entries()) {
    const path = `/layers/${index}`;
    oneWay(layer, path, fault);
    products(layer, layers[index]!, path, fault);
    capsReached(layer, layers[index]!, path, fault);
  }
  const rules = Array.isArray(plan.lines) ? plan.lines : [];
  for (const [index, rule] of rules.entries()) {
    const ways = (['limit', 'firstSelfPay', 'direct', 'units'] as const).filter(
      (way) => rule[way] !== undefined,
    );
    if (ways.length > 1 || (ways.length === 0 && rule.to === undefined))
      fault(
        `/lines/${index}`,
        'A rule does one thing.',
        'Give it one of: to, limit, firstSelfPay, direct, units.',
      );
  }
  twice(
    plan.layers.map(({ id }) => id),
    '/layers',
    'The layer',
    fault,
  );
  twice(
    rules.map(({ id }) => id),
    '/lines',
    'The rule',
    fault,
  );
  references(plan, fault);
  return [...findings, ...wordFindings(plan)];
};

import type { AdjudicationLoad } from '../adjudication/report';
import { COST_COLUMNS } from '../lone/reading';
import type { RawLines } from './raw';

/** What a run found, as `--json` prints it. */
export interface CreditResult {
  readonly bench: 'credit';
  /** First holds granted per second on one line, and on as many lines as visits. */
  readonly value: number;
  readonly valueOfCold: number;
  /** Conditional updates of that line per second, and of many. */
  readonly raw: number;
  readonly rawOfCold: number;
  readonly ratioToRaw: number;
  readonly ratioToRawOfCold: number;
  readonly deadlocks: number;
  readonly loads: readonly AdjudicationLoad[];
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

type Rates = Omit<CreditResult, 'bench' | 'deadlocks' | 'settings' | 'faults'>;

export const ratesOf = (
  [hot, cold]: readonly [AdjudicationLoad, AdjudicationLoad],
  raw: RawLines,
): Rates => {
  const ratio = (value: number, limit: number): number => Number((value / limit).toFixed(3));
  const [value, valueOfCold] = [hot.perSecond, cold.perSecond];
  return {
    ...{ value, valueOfCold, raw: raw.hot, rawOfCold: raw.cold, loads: [hot, cold] },
    ratioToRaw: ratio(value, raw.hot),
    ratioToRawOfCold: ratio(valueOfCold, raw.cold),
  };
};

/** The page a person reads. */
export const creditPageOf = (result: CreditResult): string => {
  const { loads, settings, faults } = result;
  const row = (name: string, cells: readonly (string | number)[]): string =>
    `  ${name.padEnd(30)}${cells.map((cell) => String(cell).padStart(12)).join('')}`;
  const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
  return [
    `${Number(settings['visits']).toLocaleString('en')} visits a load; costs are of one hold`,
    row('', ['a second', ...COST_COLUMNS.map(([, title]) => title)]),
    ...loads.map(({ what, perSecond, cost }) =>
      row(what, [
        perSecond.toLocaleString('en'),
        ...COST_COLUMNS.map(([column]) => cost[column].toFixed(2)),
      ]),
    ),
    `raw: ${result.raw.toLocaleString('en')} conditional updates/s of one line, ` +
      `${result.rawOfCold.toLocaleString('en')} of many; holds at ${percent(result.ratioToRaw)} and ` +
      `${percent(result.ratioToRawOfCold)} of them; ${result.deadlocks} deadlocks; ` +
      `load average before: ${settings['loadAverage']} on ${settings['cores']} cores`,
    faults.length === 0
      ? '✔ every visit was answered once, and every line is the sum of its holds'
      : '✗ VOID: answers or lines do not add up',
  ].join('\n');
};

import { COST_COLUMNS, type LoneCost } from '../lone/reading';
import type { RawClaims } from './raw';

/** One load, in the steady part of which so many answers came a second. */
export interface AdjudicationLoad {
  readonly what: string;
  readonly persons: number;
  readonly perSecond: number;
  readonly cost: LoneCost;
}

/** What a run found, as `--json` prints it. */
export interface AdjudicationResult {
  readonly bench: 'adjudication';
  /** Claims of ten lines settled per second, of 1,000 persons; of 60 persons `valueOfFew`. */
  readonly value: number;
  readonly valueOfFew: number;
  /** Claims per second whose rows are inserted durably. */
  readonly raw: number;
  readonly ratioToRaw: number;
  readonly rulesPerSecond: number;
  readonly deadlocks: number;
  readonly loads: readonly AdjudicationLoad[];
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

export const resultOf = (
  loads: readonly AdjudicationLoad[],
  raw: RawClaims,
  [many, few]: readonly [string, string],
): Pick<
  AdjudicationResult,
  'value' | 'valueOfFew' | 'raw' | 'ratioToRaw' | 'rulesPerSecond' | 'loads'
> => {
  const rateOf = (what: string): number => loads.find((load) => load.what === what)!.perSecond;
  const value = rateOf(many);
  return {
    value,
    valueOfFew: rateOf(few),
    raw: raw.insertedPerSecond,
    ratioToRaw: Number((value / raw.insertedPerSecond).toFixed(3)),
    rulesPerSecond: raw.rulesPerSecond,
    loads,
  };
};

/** The page a person reads. */
export const adjudicationPageOf = (result: AdjudicationResult): string => {
  const { loads, settings, faults } = result;
  const row = (name: string, cells: readonly (string | number)[]): string =>
    `  ${name.padEnd(30)}${cells.map((cell) => String(cell).padStart(12)).join('')}`;
  return [
    `${Number(settings['visits']).toLocaleString('en')} visits a load; costs are of one visit`,
    row('', ['a second', ...COST_COLUMNS.map(([, title]) => title)]),
    ...loads.map(({ what, perSecond, cost }) =>
      row(what, [
        perSecond.toLocaleString('en'),
        ...COST_COLUMNS.map(([column]) => cost[column].toFixed(2)),
      ]),
    ),
    `raw: the rows of ${result.raw.toLocaleString('en')} claims/s inserted durably, ` +
      `${result.rulesPerSecond.toLocaleString('en')} claims/s by the rules alone; ` +
      `settled at ${(result.ratioToRaw * 100).toFixed(1)} % of the inserts; ${result.deadlocks} deadlocks; ` +
      `load average before: ${settings['loadAverage']} on ${settings['cores']} cores`,
    faults.length === 0
      ? '✔ every visit was answered once, and no transactions deadlocked'
      : '✗ VOID: answers do not add up',
  ].join('\n');
};

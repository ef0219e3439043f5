import type { Duplicates } from './duplicates';
import { COST_COLUMNS, type LoneCost } from '../lone/reading';

/** One load: so many callers, each with one request under way. */
export interface IdentityLoad {
  /** `verify`: a dynamic code that a citizen shows, each once. */
  readonly what: 'resolve' | 'verify' | 'register' | 'record';
  readonly callers: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cost: LoneCost;
}

/** What a run found, as `--json` prints it. */
export interface IdentityResult {
  readonly bench: 'identity';
  /** Persons resolved per second by all callers. */
  readonly value: number;
  /** The same select per second by six connections; one connection has `rawOne`. */
  readonly raw: number;
  readonly rawOne: number;
  /** Rows of codes by primary key, per second by six connections: beside what is verified. */
  readonly rawCodes: number;
  readonly ratioToRaw: number;
  /** The same among few persons, in the same run; absent where there are no more. */
  readonly small?: { readonly among: number; readonly perSecond: number; readonly raw: number };
  readonly loads: readonly IdentityLoad[];
  readonly duplicates: Duplicates;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

const duplicatesLine = ({
  records,
  recall,
  precision,
  wrongLinks,
  perSecond,
}: Duplicates): string =>
  `duplicates: recall ${recall.toFixed(3)}, precision ${precision.toFixed(3)}, ` +
  `${wrongLinks} wrong links, of ${records.toLocaleString('en')} records; ` +
  `${perSecond.toLocaleString('en')}/s in memory`;

const codesLine = ({ rawCodes, loads }: IdentityResult): string => {
  const perSecond = loads.find(({ what }) => what === 'verify')?.perSecond ?? 0;
  const share = ((perSecond / rawCodes) * 100).toFixed(1);
  return (
    `codes: ${perSecond.toLocaleString('en')} verified a second, each used once and for all; raw select by ` +
    `primary key ${rawCodes.toLocaleString('en')}/s by six (${share} %)`
  );
};

const smallLine = ({ small, value }: IdentityResult): string[] =>
  small === undefined
    ? []
    : [
        `among ${small.among.toLocaleString('en')}: ${small.perSecond.toLocaleString('en')}/s, raw ` +
          `${small.raw.toLocaleString('en')}/s; among all ${((value / small.perSecond) * 100).toFixed(1)} % of that`,
      ];

/** The page a person reads. */
export const identityPageOf = (result: IdentityResult): string => {
  const { loads, settings, faults } = result;
  const row = (name: string, cells: readonly (string | number)[]): string =>
    `  ${name.padEnd(24)}${cells.map((cell) => String(cell).padStart(12)).join('')}`;
  return [
    `Persons over HTTP, ${Number(settings['persons']).toLocaleString('en')} registered; costs are of one request`,
    row('', ['a second', 'p50 ms', 'p99 ms', ...COST_COLUMNS.map(([, title]) => title)]),
    ...loads.map(({ what, callers, perSecond, p50Ms, p99Ms, cost }) =>
      row(`${what}, ${callers} caller${callers === 1 ? '' : 's'}`, [
        perSecond.toLocaleString('en'),
        p50Ms.toFixed(1),
        p99Ms.toFixed(1),
        ...COST_COLUMNS.map(([column]) => cost[column].toFixed(2)),
      ]),
    ),
    `raw select: ${result.rawOne.toLocaleString('en')}/s by one connection, ` +
      `${result.raw.toLocaleString('en')}/s by six; resolved at ${(result.ratioToRaw * 100).toFixed(1)} % of that; ` +
      `load average before: ${settings['loadAverage']} on ${settings['cores']} cores`,
    codesLine(result),
    ...smallLine(result),
    duplicatesLine(result.duplicates),
    faults.length === 0
      ? '✔ every person was resolved rightly, every registration is there once'
      : '✗ VOID, for the reasons below',
  ].join('\n');
};

import type { Kind } from './faults';
import type { Recovery, Spread } from './recovery';
import type { Death } from './supervisor';

/** One promise of the platform, and what came of it. */
export interface Held {
  readonly promise: string;
  readonly holds: boolean;
  readonly details: string;
  /** How many things were looked at. */
  readonly checked: number;
}

export interface Outcome {
  readonly seed: number;
  readonly minutes: number;
  /** What the hospitals did. */
  readonly load: { readonly sent: number; readonly decided: number; readonly visits: number };
  readonly faults: ReadonlyMap<Kind, number>;
  readonly recoveries: readonly Recovery[];
  readonly deaths: readonly Death[];
  /** The most that each process had in memory, the largest first. */
  readonly memoryMb: readonly (readonly [string, number])[];
  readonly findings: readonly Held[];
  readonly seconds: number;
}

const KIND_WIDTH = 24;
const COLUMN_WIDTH = 17;

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
const cell = (spread: Spread | undefined): string =>
  (spread ? `${seconds(spread.medianMs)} / ${seconds(spread.worstMs)}` : '–').padStart(
    COLUMN_WIDTH,
  );

/** What each kind of fault cost, in seconds. */
export const recoveryTable = (recoveries: readonly Recovery[]): string => {
  const columns = ['outage', 'well again', 'charge decided'].map((title) =>
    title.padStart(COLUMN_WIDTH),
  );
  const head = `${'median / worst, seconds'.padEnd(KIND_WIDTH)}${'count'.padStart(6)}${columns.join('')}`;
  return [
    head,
    ...recoveries.map(
      ({ kind, count, outage, ready, decided }) =>
        `${kind.padEnd(KIND_WIDTH)}${String(count).padStart(6)}${cell(outage)}${cell(ready)}${cell(decided)}`,
    ),
  ].join('\n');
};

const mark = (holds: boolean): string => (holds ? '✔' : '✗');

/** For people: the promises, and how the platform came through. */
export const page = ({ recoveries, deaths, memoryMb, findings }: Outcome): string => {
  const died =
    deaths.length === 0
      ? 'no process ended by itself'
      : `processes ended by themselves ${deaths.length} times, ` +
        `${deaths.filter(({ wasReady }) => !wasReady).length} of them because they ` +
        'could not start: each was started again';
  const memory = memoryMb.map(([name, mb]) => `${name} ${mb}`).join(', ');
  const promises = findings.map(
    ({ promise, holds, details, checked }) =>
      `${mark(holds)} ${promise} (${checked} checked)${holds || !details ? '' : `: ${details}`}`,
  );
  return [
    '',
    recoveryTable(recoveries),
    '',
    `${died}.`,
    `Memory at most, MiB: ${memory}.`,
    '',
    ...promises,
  ].join('\n');
};

export const isGood = ({ findings }: Pick<Outcome, 'findings'>): boolean =>
  findings.length > 0 && findings.every(({ holds }) => holds);

/** The last line: for programs. */
export const jsonLine = (outcome: Outcome): string => {
  const { seed, minutes, load, faults, recoveries, deaths, memoryMb, findings } = outcome;
  return JSON.stringify({
    result: isGood(outcome) ? 'held' : 'broken',
    seed,
    minutes,
    ...load,
    faults: Object.fromEntries(faults),
    recoveries: Object.fromEntries(recoveries.map(({ kind, ...rest }) => [kind, rest])),
    deathsByThemselves: deaths.length,
    memoryMaxMb: memoryMb[0]?.[1] ?? 0,
    findings: findings.map(({ promise, holds, checked }) => ({ promise, holds, checked })),
    seconds: outcome.seconds,
  });
};

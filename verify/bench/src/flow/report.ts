import type { RawFlow } from './raw';
import { type Spread, STEPS, type Steps } from './spread';
import type { Cost, Usage } from './usage';

/** What a run found, as `--json` prints it. */
export interface FlowResult {
  readonly bench: 'flow';
  readonly bus: 'postgres' | 'kafka';
  /** Visits settled per second of the steady part under full load. */
  readonly value: number;
  /** Visits per second whose rows, of all databases, are inserted again by one client in large sets. */
  readonly raw: number;
  readonly ratioToRaw: number;
  readonly fullLoad: Spread & { readonly steps: Steps };
  readonly halfLoad: Spread & { readonly perSecond: number; readonly steps: Steps };
  readonly perVisit: Cost;
  readonly limits: RawFlow;
  readonly visits: number;
  readonly charges: number;
  readonly retries: number;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly faults: readonly string[];
}

const COLUMNS: readonly (readonly [keyof Usage, string])[] = [
  ['cpuMs', 'CPU ms'],
  ['postgresMs', 'PG CPU ms'],
  ['statements', 'statements'],
  ['busStatements', 'on the bus'],
  ['commits', 'commits'],
  ['rowsWritten', 'rows written'],
  ['rowsRead', 'rows read'],
];

const spread = ({ visits, p50Ms, p99Ms, maxMs }: Spread): string =>
  `p50 ${p50Ms} ms · p99 ${p99Ms} ms · longest ${maxMs} ms (${visits} visits)`;

const steps = ({ steps: taken }: { readonly steps: Steps }): string[] =>
  STEPS.map((step) => {
    const { p50Ms, p99Ms } = taken[step];
    return `    ${step.padEnd(36)}p50 ${p50Ms} ms · p99 ${p99Ms} ms`;
  });

const table = ({ parts, bus }: Cost): string[] => {
  const cellOf = (cell: number | string): string =>
    (typeof cell === 'number' ? cell.toFixed(1) : cell).padStart(13);
  const row = (name: string, cells: readonly (number | string)[]): string =>
    `  ${name.padEnd(20)}${cells.map(cellOf).join('')}`;
  const all = Object.values(parts);
  const sum = (column: keyof Usage): number =>
    all.reduce((total, usage) => total + usage[column], 0);
  return [
    row(
      'per visit',
      COLUMNS.map(([, title]) => title),
    ),
    ...Object.entries(parts).map(([name, usage]) =>
      row(
        name,
        COLUMNS.map(([column]) => usage[column]),
      ),
    ),
    row('the bus', ['', '', '', '', bus.commits, bus.rowsWritten, bus.rowsRead]),
    row(
      'all',
      COLUMNS.map(
        ([column]) => sum(column) + (column in bus ? bus[column as keyof typeof bus] : 0),
      ),
    ),
  ];
};

const STATEMENT_LENGTH = 140;
const STATEMENTS_MAX = 20;

const statementLines = ({ statements, parts }: Cost): string[] =>
  Object.keys(parts).flatMap((part) =>
    statements
      .filter(([name]) => name.startsWith(`${part} `))
      .slice(0, STATEMENTS_MAX)
      .map(
        ([name, perVisit]) =>
          `  ${perVisit.toFixed(2).padStart(7)} ${name.slice(0, STATEMENT_LENGTH)}`,
      ),
  );

/** The page a person reads. */
export const flowPageOf = (result: FlowResult): string => {
  const { perVisit, limits, halfLoad, settings } = result;
  const commits =
    Object.values(perVisit.parts).reduce((sum, usage) => sum + usage.commits, 0) +
    perVisit.bus.commits;
  return [
    `Visits from opened to settled through all services, 10 charges each, bus: ${result.bus}`,
    `  full load            ${result.value.toFixed(1)} visits/s    ${spread(result.fullLoad)}`,
    ...steps(result.fullLoad),
    `  at ${halfLoad.perSecond.toFixed(1)} visits/s       ${spread(halfLoad)}`,
    ...steps(halfLoad),
    ...table(perVisit),
    `  WAL ${perVisit.walKb.toFixed(0)} kB per visit; ` +
      `load generator ${perVisit.benchCpuMs.toFixed(1)} ms CPU per visit`,
    ...(result.settings['statements'] ? ['Statements per visit', ...statementLines(perVisit)] : []),
    'Raw limits, same run',
    `  the same rows        ${result.raw.toFixed(0)} visits/s, ${limits.rowsPerVisit.toFixed(1)} rows each, ` +
      `in one transaction a table: the flow does ${(result.ratioToRaw * 100).toFixed(1)} %`,
    `  durable commits      ${limits.commitsPerSecond}/s by one client, ${limits.commitsPerSecondAtOnce}/s by 16; ` +
      `the flow makes ${Math.round(commits * result.value)}/s, readers included`,
    `  benefit rules alone  ${limits.rulesPerSecond} visits/s on one core`,
    `${result.visits} visits, ${result.charges} charges, ${result.retries} requests repeated on request; ` +
      `load average before: ${settings['loadAverage']} on ${settings['cores']} cores`,
    result.faults.length === 0
      ? '✔ every visit is settled, every charge on it once, every fen at the bank, every hospital notified'
      : '✗ VOID: the visits do not add up',
  ].join('\n');
};

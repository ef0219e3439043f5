import type { Access } from './picks';

/** One load: so many visits open, and which of them charges are for. */
export interface GrowthReading {
  readonly visits: number;
  readonly access: Access;
  readonly perSecond: number;
  /** CPU per charge, in microseconds. */
  readonly ledgerUs: number;
  readonly postgresUs: number;
  /** Rows that PostgreSQL read per charge, of the log, of the views and of snapshots. */
  readonly eventRows: number;
  readonly viewRows: number;
  readonly snapshotRows: number;
  /** WAL per charge, and the pages that are in it whole: each one that a checkpoint made clean. */
  readonly walKb: number;
  readonly fullPages: number;
  readonly ledgerRssMb: number;
}

/** What a run found, as `--json` prints it; value and raw are of most visits, 80/20. */
export interface GrowthResult {
  readonly bench: 'growth';
  readonly value: number;
  readonly raw: number;
  readonly ratioToRaw: number;
  readonly readings: readonly GrowthReading[];
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

const COLUMNS = [
  ...['visits', 'access', 'charges/s', 'ledger µs', 'pg µs'],
  ...['event rows', 'view rows', 'snap. rows', 'WAL kB', 'full pages', 'rss MB'],
];

/** The page a person reads. */
export const growthPageOf = ({ readings, raw, settings, faults }: GrowthResult): string => {
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell) => cell.padStart(11)).join('')}`;
  return [
    'Charges under full load by the number of open visits; CPU and rows that are read, per charge',
    line(COLUMNS),
    ...readings.map((one) =>
      line([
        one.visits.toLocaleString('en'),
        one.access,
        one.perSecond.toFixed(0),
        one.ledgerUs.toFixed(0),
        one.postgresUs.toFixed(0),
        one.eventRows.toFixed(1),
        one.viewRows.toFixed(1),
        one.snapshotRows.toFixed(1),
        one.walKb.toFixed(1),
        one.fullPages.toFixed(2),
        one.ledgerRssMb.toFixed(0),
      ]),
    ),
    `raw inserts of the same bytes: ${raw.toLocaleString('en')} charges/s; ` +
      `load average before: ${settings['loadAverage']} on ${settings['cores']} cores`,
    faults.length === 0
      ? '✔ every charge was decided once, as it had to be'
      : '✗ VOID: charges are not decided as they must be',
  ].join('\n');
};

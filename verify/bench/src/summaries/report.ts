/** Times in milliseconds, one request at a time. */
export interface Times {
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** One route at one size of its tables. */
export interface Reading extends Times {
  readonly path: string;
  readonly visits: number;
  /** Rows of all tables that the answer is made of. */
  readonly rows: number;
  readonly answerBytes: number;
  /** The same SQL by one client of PostgreSQL. */
  readonly raw: Times;
  /** Heap of the process in use: before the reads, and the highest value seen during them. */
  readonly heapBeforeMb: number;
  readonly heapPeakMb: number;
  /** Resident memory before the reads, and its peak during them; 0 where the system reports none. */
  readonly rssBeforeMb: number;
  readonly rssPeakMb: number;
}

/** What a run found, as `--json` prints it. */
export interface SummariesResult {
  readonly bench: 'summaries';
  readonly readings: readonly Reading[];
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

const COLUMNS = ['visits', 'rows', 'median', 'p99', 'raw', 'raw p99', 'heap MB', 'rss MB'];

const ms = (value: number): string => value.toFixed(1);
const from = (before: number, peak: number): string => `${before.toFixed(0)}→${peak.toFixed(0)}`;

/** The page a person reads. */
export const summariesPageOf = ({ readings, settings, faults }: SummariesResult): string => {
  const line = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(29)}${cells.map((cell) => cell.padStart(11)).join('')}`;
  return [
    `Summaries over HTTP, one request at a time, ${settings['reads']} reads each; times in ms, raw: the same SQL`,
    line('route', COLUMNS),
    ...readings.map((one) =>
      line(one.path, [
        one.visits.toLocaleString('en'),
        one.rows.toLocaleString('en'),
        ms(one.medianMs),
        ms(one.p99Ms),
        ms(one.raw.medianMs),
        ms(one.raw.p99Ms),
        from(one.heapBeforeMb, one.heapPeakMb),
        from(one.rssBeforeMb, one.rssPeakMb),
      ]),
    ),
    'heap and rss: of the service, before the reads → highest during them; ' +
      `load average before: ${settings['loadAverage']} on ${settings['cores']} cores`,
    faults.length === 0
      ? '✔ every answer adds up to what was filled in'
      : '✗ VOID: answers do not add up',
  ].join('\n');
};

/** A day's clearing and the summary after it, at one size. */
export interface PaymentReading {
  readonly visits: number;
  readonly clearingMs: number;
  readonly rawClearingMs: number;
  readonly summaryMs: number;
  readonly rawSummaryMs: number;
  /** Resident memory of payment before the clearing and its peak during both; 0: not reported. */
  readonly rssBeforeMb: number;
  readonly rssPeakMb: number;
}

/** What a run found, as `--json` prints it; value and raw are of the largest day. */
export interface PaymentResult {
  readonly bench: 'payment';
  /** Visits cleared a second. */
  readonly value: number;
  readonly raw: number;
  readonly ratioToRaw: number;
  readonly readings: readonly PaymentReading[];
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

const COLUMNS = ['visits', 'clearing', 'raw', 'visits/s', 'summary', 'raw', 'rss MB'];

const ms = (value: number): string => value.toFixed(value < 100 ? 1 : 0);

/** The page a person reads. */
export const paymentPageOf = ({
  readings,
  settings,
  faults,
  ratioToRaw,
}: PaymentResult): string => {
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell) => cell.padStart(11)).join('')}`;
  return [
    'A day cleared over HTTP, and the summary (median); times in ms, raw: plain SQL by one client',
    line(COLUMNS),
    ...readings.map((one) =>
      line([
        one.visits.toLocaleString('en'),
        ms(one.clearingMs),
        ms(one.rawClearingMs),
        ((one.visits * 1000) / one.clearingMs).toFixed(0),
        ms(one.summaryMs),
        ms(one.rawSummaryMs),
        `${one.rssBeforeMb.toFixed(0)}→${one.rssPeakMb.toFixed(0)}`,
      ]),
    ),
    `clearing at ${(ratioToRaw * 100).toFixed(1)} % of the raw limit; ` +
      `load average before: ${settings['loadAverage']} on ${settings['cores']} cores`,
    faults.length === 0
      ? '✔ every clearing balances and adds up to what was filled in'
      : '✗ VOID: clearings do not add up',
  ].join('\n');
};

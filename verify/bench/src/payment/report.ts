import { BANK_MS } from './bank';

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
  /** Of clearing one visit: CPU of payment and of PostgreSQL in µs (0: not reported), and statements. */
  readonly serviceUsEach: number;
  readonly postgresUsEach: number;
  readonly statementsEach: number;
}

/** Visits that were collected at a bank which takes its time; value and raw are visits a second. */
export interface CollectReading {
  readonly visits: number;
  readonly value: number;
  readonly raw: number;
  readonly ratioToRaw: number;
  /** Statements and commits of payment for each visit, without those of an idle service. */
  readonly statementsEach: number;
  readonly commitsEach: number;
}

/** A day compared with the bank's statement, at one size. */
export interface ReconcileReading {
  readonly visits: number;
  /** Rows of the statement. */
  readonly rows: number;
  readonly reconcileMs: number;
  readonly rawMs: number;
  readonly rssBeforeMb: number;
  readonly rssPeakMb: number;
}

/** What a run found, as `--json` prints it; value and raw are of the largest day
 * cleared. */
export interface PaymentResult {
  readonly bench: 'payment';
  /** Visits cleared a second. */
  readonly value: number;
  readonly raw: number;
  readonly ratioToRaw: number;
  readonly readings: readonly PaymentReading[];
  /** Absent where days are cleared alone. */
  readonly collect?: CollectReading;
  /** Rows of the largest statement a second; absent as collect. */
  readonly reconcile?: {
    readonly value: number;
    readonly raw: number;
    readonly ratioToRaw: number;
    readonly readings: readonly ReconcileReading[];
  };
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

const COLUMNS = [
  ...['visits', 'clearing', 'raw', 'visits/s', 'payment', 'PostgreSQL', 'statements'],
  ...['summary', 'raw', 'rss MB'],
];

const ms = (value: number): string => value.toFixed(value < 100 ? 1 : 0);

const line = (cells: readonly string[]): string =>
  `  ${cells.map((cell) => cell.padStart(11)).join('')}`;

const collectLines = (collect: CollectReading): string[] => [
  `Collected at a bank that answers in ${BANK_MS} ms, visits a second; raw: the same rows by one client`,
  line(['visits', 'visits/s', 'raw', 'statements', 'commits']),
  line([
    collect.visits.toLocaleString('en'),
    collect.value.toFixed(0),
    collect.raw.toFixed(0),
    collect.statementsEach.toFixed(2),
    collect.commitsEach.toFixed(3),
  ]),
];

const reconcileLines = (reconcile: NonNullable<PaymentResult['reconcile']>): string[] => [
  'A day compared with the statement over HTTP; times in ms, raw: both sides read whole by one client',
  line(['rows', 'comparing', 'raw', 'rss MB']),
  ...reconcile.readings.map((one) =>
    line([
      one.rows.toLocaleString('en'),
      ms(one.reconcileMs),
      ms(one.rawMs),
      `${one.rssBeforeMb.toFixed(0)}→${one.rssPeakMb.toFixed(0)}`,
    ]),
  ),
];

/** The page a person reads. */
export const paymentPageOf = (result: PaymentResult): string => {
  const { readings, settings, faults, ratioToRaw, collect, reconcile } = result;
  return [
    ...(collect ? collectLines(collect) : []),
    ...(reconcile ? reconcileLines(reconcile) : []),
    'A day cleared over HTTP, and the summary (median); times in ms, raw: plain SQL by one client;',
    'CPU of payment and PostgreSQL in µs, and statements, of one visit',
    line(COLUMNS),
    ...readings.map((one) =>
      line([
        one.visits.toLocaleString('en'),
        ms(one.clearingMs),
        ms(one.rawClearingMs),
        ((one.visits * 1000) / one.clearingMs).toFixed(0),
        one.serviceUsEach.toFixed(0),
        one.postgresUsEach.toFixed(0),
        one.statementsEach.toFixed(3),
        ms(one.summaryMs),
        ms(one.rawSummaryMs),
        `${one.rssBeforeMb.toFixed(0)}→${one.rssPeakMb.toFixed(0)}`,
      ]),
    ),
    `clearing at ${(ratioToRaw * 100).toFixed(1)} % of the raw limit; ` +
      `load average before: ${settings['loadAverage']} on ${settings['cores']} cores`,
    faults.length === 0
      ? '✔ every visit is paid once, every row matched, and every clearing adds up to what was filled in'
      : '✗ VOID: what was measured does not add up',
  ].join('\n');
};

import type { Shape } from './options';

/** What a run found, as `--json` prints it. Rates are per second, rounded. */
export interface IngestResult {
  readonly bench: 'ingest';
  readonly bus: 'postgres' | 'kafka';
  /**
   * Charges per second from the topic to a durable decision published, spread load (hot, if only
   * that was run).
   */
  readonly value: number;
  /**
   * Charges per second whose bytes one client writes to the same PostgreSQL and does nothing else:
   * group inserts, the faster of the batch sizes.
   */
  readonly raw: number;
  readonly ratioToRaw: number;
  readonly rawByBatch: Readonly<Record<string, number>>;
  /**
   * What a charge leaves in PostgreSQL: its message and its decision (where the topics are there)
   * and its event.
   */
  readonly bytesPerCharge: number;
  /** Messages per second produced and consumed on the same Kafka; with --bus kafka. */
  readonly rawKafka?: number;
  readonly ratioToRawKafka?: number;
  readonly perSecond: Readonly<Partial<Record<Shape, number>>>;
  /** Hot load as a share of spread load, where both were run. */
  readonly hotToSpread?: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Charges per second under which the times were taken. */
  readonly latencyAtPerSecond: number;
  /** Microseconds of CPU per charge under full load, by process. */
  readonly cpuUs: { readonly ledger: number; readonly postgres: number; readonly bench: number };
  /** How long views and offsets took to catch up after the last full load. */
  readonly quietAfterMs: number;
  readonly charges: number;
  readonly visits: number;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

const rate = (value: number): string => Math.round(value).toLocaleString('en').padStart(9);
const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;

/** The page a person reads. */
export const pageOf = (result: IngestResult): string => {
  const { perSecond, cpuUs } = result;
  const lines = [
    `Charges from topic to durable decision published, bus: ${result.bus}`,
    ...Object.entries(perSecond).map(
      ([shape, value]) => `  ${`${shape} load`.padEnd(38)} ${rate(value)} /s`,
    ),
    ...(result.hotToSpread === undefined
      ? []
      : [`  ${'hot as a share of spread'.padEnd(38)} ${percent(result.hotToSpread).padStart(9)}`]),
    `Raw limits, same run, same PostgreSQL, one client, the same ${result.bytesPerCharge} bytes per charge`,
    ...Object.entries(result.rawByBatch).map(
      ([batch, value]) => `  ${`group inserts, batches of ${batch}`.padEnd(38)} ${rate(value)} /s`,
    ),
    ...(result.rawKafka === undefined
      ? []
      : [`  ${'Kafka, produced and consumed'.padEnd(38)} ${rate(result.rawKafka)} /s`]),
    `  ${'ratio to raw'.padEnd(38)} ${result.ratioToRaw.toFixed(3).padStart(9)}    (of ${rate(result.raw).trim()} /s)`,
    ...(result.ratioToRawKafka === undefined
      ? []
      : [`  ${'ratio to raw Kafka'.padEnd(38)} ${result.ratioToRawKafka.toFixed(3).padStart(9)}`]),
    `From publish to decision at ${Math.round(result.latencyAtPerSecond).toLocaleString('en')} /s`,
    `  p50 ${result.p50Ms} ms · p99 ${result.p99Ms} ms · longest ${result.maxMs} ms`,
    `CPU per charge under full load: ledger ${cpuUs.ledger} µs · PostgreSQL ` +
      `${cpuUs.postgres} µs · bench ${cpuUs.bench} µs`,
    `${result.charges.toLocaleString('en')} charges on ` +
      `${result.visits.toLocaleString('en')} visits; views and offsets caught up ` +
      `${Math.round(result.quietAfterMs)} ms after the load`,
    result.faults.length === 0
      ? '✔ every charge was decided once, is on the ledger once, and its money is in the accounts'
      : '✗ VOID: the charges do not add up',
  ];
  return lines.join('\n');
};

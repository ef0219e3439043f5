import type { Spread } from '../overload/plan';
import type { Used } from './usage';

/** What a run found, as `--json` prints it. Rates are per second. */
export interface ChargeResult {
  readonly bench: 'charge';
  readonly bus: 'postgres' | 'kafka';
  /** Charges accepted per second by 32 callers, one per request. */
  readonly value: number;
  /** Durable inserts of as many bytes, by 32 callers; `rawOne` by one. */
  readonly raw: number;
  readonly rawOne: number;
  readonly ratioToRaw: number;
  readonly bytes: number;
  readonly acceptedMs: Spread;
  /** Of one charge under full load. */
  readonly cost: Used;
  readonly steady: {
    readonly perSecond: number;
    readonly acceptedMs: Spread;
    /** From when a request was due until its decision was published. */
    readonly decidedMs: Spread;
  };
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

const times = ({ p50Ms, p99Ms, maxMs }: Spread): string =>
  `p50 ${p50Ms} ms · p99 ${p99Ms} ms · longest ${maxMs} ms`;

/** The page a person reads. */
export const chargePageOf = (result: ChargeResult): string => {
  const { cost, steady, settings } = result;
  const line = (title: string, told: string | number): string =>
    `  ${title.padEnd(38)} ${String(told)}`;
  return [
    `One charge per HTTP POST, bus: ${result.bus}`,
    line(
      `accepted, ${settings['callers']} callers`,
      `${result.value}/s    ${times(result.acceptedMs)}`,
    ),
    line(
      'CPU a charge, gateway',
      `${cost.gatewayMs} ms, its PostgreSQL ${cost.gatewayPostgresMs} ms`,
    ),
    line(
      'CPU a charge, others',
      `identity ${cost.identityMs} ms, ledger ${cost.ledgerMs} ms, PostgreSQL in all ${cost.postgresMs} ms`,
    ),
    line('of the gateway, a charge', `${cost.statements} statements, ${cost.commits} commits`),
    line(`at ${steady.perSecond}/s, to 202`, times(steady.acceptedMs)),
    line(`at ${steady.perSecond}/s, to the decision`, times(steady.decidedMs)),
    line(
      `raw inserts of ${result.bytes} bytes`,
      `${result.rawOne}/s by one caller, ${result.raw}/s by ${settings['callers']}`,
    ),
    line('of the raw limit', `${(result.ratioToRaw * 100).toFixed(1)} %`),
    `load average before: ${settings['loadAverage']} on ${settings['cores']} cores`,
    result.faults.length === 0
      ? '✔ every charge that was accepted is decided, once'
      : '✗ VOID: the charges do not add up',
  ].join('\n');
};

import type { OverloadOptions } from './options';
import { type Outcome, perSecond, type Spread } from './plan';

export interface Measured {
  readonly capacity: Outcome;
  readonly flood: Outcome;
  readonly after: Outcome;
  /** Everything that was sent, the warm-up included. */
  readonly outcomes: readonly Outcome[];
  /** From the end of the flood until the gateway and the ledger had nothing left to do. */
  readonly quietAfterMs: number;
  /** Before the flood, and the most there ever was. */
  readonly rssMb: Readonly<
    Record<'gateway' | 'ledger', { readonly before: number; readonly peak: number }>
  >;
}

/** What a run found, as `--json` prints it. Rates are per second, rounded. */
export interface OverloadResult {
  readonly bench: 'overload';
  readonly bus: 'postgres' | 'kafka';
  readonly capacityPerSecond: number;
  readonly offeredPerSecond: number;
  /** Accepted during the flood: goodput. */
  readonly acceptedPerSecond: number;
  readonly goodputToCapacity: number;
  readonly refusedPerSecond: number;
  /** From when a request was due to its answer. */
  readonly acceptedMs: Spread;
  readonly refusedMs: Spread;
  readonly capacityMs: Spread;
  readonly retryAfter: Readonly<Record<string, number>>;
  readonly otherAnswers: Readonly<Record<string, number>>;
  /** Due, but the generator had too many under way. */
  readonly unsent: number;
  readonly afterMs: number;
  readonly quietAfterMs: number;
  readonly rssMb: Measured['rssMb'];
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

export const resultOf = (
  { bus }: OverloadOptions,
  { capacity, flood, after, quietAfterMs, rssMb }: Measured,
  { faults, settings }: Pick<OverloadResult, 'faults' | 'settings'>,
): OverloadResult => {
  const rate = (count: number): number => Math.round((count * 1000) / flood.tookMs);
  return {
    bench: 'overload',
    bus,
    capacityPerSecond: perSecond(capacity),
    offeredPerSecond: rate(flood.offered),
    acceptedPerSecond: perSecond(flood),
    goodputToCapacity: Number((perSecond(flood) / perSecond(capacity)).toFixed(3)),
    refusedPerSecond: rate(flood.refusedNumbers.length),
    acceptedMs: flood.accepted,
    refusedMs: flood.refused,
    capacityMs: capacity.accepted,
    retryAfter: flood.retryAfter,
    otherAnswers: { ...capacity.otherAnswers, ...flood.otherAnswers },
    unsent: flood.unsent,
    afterMs: after.accepted.maxMs,
    quietAfterMs: Math.round(quietAfterMs),
    rssMb,
    settings,
    faults,
  };
};

const times = ({ p50Ms, p99Ms, maxMs }: Spread): string =>
  `p50 ${p50Ms} ms · p99 ${p99Ms} ms · longest ${maxMs} ms`;
const counts = (of: Readonly<Record<string, number>>, unit: string): string =>
  Object.entries(of)
    .map(([what, count]) => `${what}${unit} ${count} times`)
    .join(', ') || 'none';

/** The page a person reads. */
export const overloadPageOf = (result: OverloadResult): string => {
  const {
    rssMb: { gateway, ledger },
  } = result;
  const line = (title: string, told: string | number): string =>
    `  ${title.padEnd(38)} ${String(told)}`;
  return [
    `Charges through the HTTP door, one per request, bus: ${result.bus}`,
    line('capacity', `${result.capacityPerSecond}/s    ${times(result.capacityMs)}`),
    line(
      'offered in the flood',
      `${result.offeredPerSecond}/s    (${result.unsent} were due and not sent)`,
    ),
    line('accepted', `${result.acceptedPerSecond}/s    ${times(result.acceptedMs)}`),
    line('as a share of the capacity', `${(result.goodputToCapacity * 100).toFixed(1)} %`),
    line('sent away with 429', `${result.refusedPerSecond}/s    ${times(result.refusedMs)}`),
    line('Retry-After', counts(result.retryAfter, ' s')),
    line('other answers', counts(result.otherAnswers, '')),
    line('one request after the flood', `${result.afterMs} ms`),
    line('all that was accepted decided after', `${result.quietAfterMs} ms`),
    line('memory of the gateway', `${gateway.before} MB before, ${gateway.peak} MB at most`),
    line('memory of the ledger', `${ledger.before} MB before, ${ledger.peak} MB at most`),
    result.faults.length === 0
      ? '✔ every accepted charge is on the ledger once, and none that was sent away is'
      : '✗ VOID: the charges do not add up',
  ].join('\n');
};

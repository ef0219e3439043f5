import { visitIdOf } from '@caretab/contracts';
import { type BenchVisit, chargeOf } from '../charges';

/** The settings of the load generator. */
export interface Plan {
  readonly gatewayUrl: string;
  /** API keys by institution. */
  readonly keys: Readonly<Record<string, string>>;
  readonly visits: readonly BenchVisit[];
  /** Number of its first charge. */
  readonly firstNumber: number;
  readonly numbersMax: number;
}

/**
 * `capacity`: as many as come back, `senders` at once. `flood`: so many per second, whether or not
 * they come back.
 */
export type Order =
  | { readonly kind: 'capacity'; readonly senders: number; readonly forMs: number }
  | { readonly kind: 'flood'; readonly perSecond: number; readonly forMs: number };

/** Milliseconds from when a request was due to its answer. */
export interface Spread {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** What became of an order; rates are by the time in which requests were sent. */
export interface Outcome {
  readonly tookMs: number;
  readonly offered: number;
  /** Due, but so many were under way already that the generator itself did not send them. */
  readonly unsent: number;
  readonly accepted: Spread;
  readonly refused: Spread;
  /**
   * Counts by answer: 202, 429, or another (a broken connection, another status), whose effect is
   * unknown.
   */
  readonly acceptedNumbers: readonly number[];
  /** When each accepted one was due: ms since the epoch. */
  readonly acceptedDueAtMs: readonly number[];
  readonly refusedNumbers: readonly number[];
  readonly unknownNumbers: readonly number[];
  readonly otherAnswers: Readonly<Record<string, number>>;
  /** How often each `Retry-After` was received. */
  readonly retryAfter: Readonly<Record<string, number>>;
}

/** The request that posts the charge of this number. */
export const requestOf = (
  { visits, keys, firstNumber }: Plan,
  number: number,
): { readonly path: string; readonly key: string; readonly body: string } => {
  const visit = visits[(number - firstNumber) % visits.length]!;
  return {
    path: `/v1/visits/${encodeURIComponent(visitIdOf(visit.institutionId, visit.visitNumber))}/charges`,
    key: keys[visit.institutionId]!,
    body: JSON.stringify({ charges: [chargeOf(number)] }),
  };
};

/** Accepted per second of sending. */
export const perSecond = ({ acceptedNumbers, tookMs }: Outcome): number =>
  Math.round((acceptedNumbers.length * 1000) / tookMs);

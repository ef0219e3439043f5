import { quantile } from '../charge-record';
import type { Hospitals } from './hospitals';

/** Milliseconds from a visit's opening until it is settled, of visits opened in a period. */
export interface Spread {
  readonly visits: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export const spreadOf = ({ sent }: Hospitals, fromMs: number, toMs: number): Spread => {
  const times = Float64Array.from(
    [...sent.values()]
      .filter(({ openedAtMs }) => openedAtMs >= fromMs && openedAtMs < toMs)
      .map(({ openedAtMs, settledAtMs }) => settledAtMs - openedAtMs),
  );
  return {
    visits: times.length,
    p50Ms: Math.round(quantile(times, 0.5)),
    p99Ms: Math.round(quantile(times, 0.99)),
    maxMs: Math.round(quantile(times, 1)),
  };
};

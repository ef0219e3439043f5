import { quantile } from '../charge-record';
import type { Hospitals, SentVisit } from './hospitals';

type Between = (visit: SentVisit) => number;

const at = (times: ReadonlyMap<string, number>, name: string): number => times.get(name) ?? NaN;

/** From a visit's opening to its settlement, step by step. */
const BETWEEN = {
  'opening sent → accepted': ({ openedAtMs, acceptedAtMs }) =>
    at(acceptedAtMs, 'start') - openedAtMs,
  'last charge accepted → decided': ({ acceptedAtMs, publishedAtMs }) =>
    at(publishedAtMs, 'ChargeDeferred') - at(acceptedAtMs, 'charges'),
  'end accepted → closed': ({ acceptedAtMs, publishedAtMs }) =>
    at(publishedAtMs, 'VisitClosed') - at(acceptedAtMs, 'end'),
  'closed → adjudicated': ({ publishedAtMs }) =>
    at(publishedAtMs, 'VisitAdjudicated') - at(publishedAtMs, 'VisitClosed'),
  'adjudicated → settled': ({ publishedAtMs }) =>
    at(publishedAtMs, 'VisitSettled') - at(publishedAtMs, 'VisitAdjudicated'),
} as const satisfies Readonly<Record<string, Between>>;

export type Step = keyof typeof BETWEEN;
export const STEPS = Object.keys(BETWEEN) as readonly Step[];
export type Steps = Readonly<Record<Step, Pick<Spread, 'p50Ms' | 'p99Ms'>>>;

const openedBetween = ({ sent }: Hospitals, fromMs: number, toMs: number): SentVisit[] =>
  [...sent.values()].filter(({ openedAtMs }) => openedAtMs >= fromMs && openedAtMs < toMs);

/** Milliseconds of each step, of visits opened in a period. */
export const stepsOf = (hospitals: Hospitals, fromMs: number, toMs: number): Steps => {
  const visits = openedBetween(hospitals, fromMs, toMs);
  return Object.fromEntries(
    STEPS.map((step) => {
      const times = Float64Array.from(visits.map(BETWEEN[step]).filter(Number.isFinite));
      return [
        step,
        { p50Ms: Math.round(quantile(times, 0.5)), p99Ms: Math.round(quantile(times, 0.99)) },
      ];
    }),
  ) as Steps;
};

/** Milliseconds from a visit's opening until it is settled, of visits opened in a period. */
export interface Spread {
  readonly visits: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export const spreadOf = (hospitals: Hospitals, fromMs: number, toMs: number): Spread => {
  const times = Float64Array.from(
    openedBetween(hospitals, fromMs, toMs).map(
      ({ openedAtMs, settledAtMs }) => settledAtMs - openedAtMs,
    ),
  );
  return {
    visits: times.length,
    p50Ms: Math.round(quantile(times, 0.5)),
    p99Ms: Math.round(quantile(times, 0.99)),
    maxMs: Math.round(quantile(times, 1)),
  };
};

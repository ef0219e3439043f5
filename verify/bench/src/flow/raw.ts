import { adjudicate } from '@caretab/benefits';
import { coverageOf, visitOf } from '../charges';
import { rawRows } from '../raw-rows';
import { flowVisit } from './visits';

const CLIENTS = 16;
const BYTES = 200;

/** What the machine does at most, measured in the same run with nothing else to do. */
export interface RawFlow {
  /** Durable single-row inserts per second, a commit each: one client, and many at once. */
  readonly commitsPerSecond: number;
  readonly commitsPerSecondAtOnce: number;
  /** Visits of ten charges that the benefit rules adjudicate per second on one core. */
  readonly rulesPerSecond: number;
}

const adjudicating = (forMs: number): number => {
  const coverage = coverageOf(visitOf(0, 'spread'));
  const { reports } = flowVisit(0, Date.now());
  const charges = reports.flatMap((report) => (report.kind === 'charges' ? report.charges : []));
  let visits = 0;
  const startedAtMs = performance.now();
  while (performance.now() - startedAtMs < forMs) {
    for (let count = 0; count < 50; count += 1) adjudicate(coverage, charges.slice());
    visits += 50;
  }
  return Math.round((visits * 1000) / (performance.now() - startedAtMs));
};

/** Measures for `forMs` each; adds a table to the server's first database and drops it. */
export const rawFlow = async (url: string, forMs: number): Promise<RawFlow> => {
  const [one, many] = await rawRows(url, { clients: [1, CLIENTS], bytes: BYTES, forMs });
  return {
    commitsPerSecond: one!,
    commitsPerSecondAtOnce: many!,
    rulesPerSecond: adjudicating(forMs),
  };
};

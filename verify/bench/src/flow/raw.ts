import { adjudicate } from '@caretab/benefits';
import { Client } from 'pg';
import { coverageOf, visitOf } from '../charges';
import { flowVisit } from './visits';

const CLIENTS = 16;

/** What the machine does at most, measured in the same run with nothing else to do. */
export interface RawFlow {
  /** Durable single-row inserts per second, a commit each: one client, and many at once. */
  readonly commitsPerSecond: number;
  readonly commitsPerSecondAtOnce: number;
  /** Visits of ten charges that the benefit rules adjudicate per second on one core. */
  readonly rulesPerSecond: number;
}

const inserting = async (url: string, clients: number, forMs: number): Promise<number> => {
  const endsAtMs = performance.now() + forMs;
  const counts = await Promise.all(
    Array.from({ length: clients }, async () => {
      const client = new Client({ connectionString: url });
      await client.connect();
      let count = 0;
      for (; performance.now() < endsAtMs; count += 1)
        await client.query('insert into bench_raw (text) values ($1)', ['x'.repeat(200)]);
      await client.end();
      return count;
    }),
  );
  return Math.round((counts.reduce((sum, count) => sum + count, 0) * 1000) / forMs);
};

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
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('create table bench_raw (id bigserial primary key, text text not null)');
    await client.query('checkpoint');
    return {
      commitsPerSecond: await inserting(url, 1, forMs),
      commitsPerSecondAtOnce: await inserting(url, CLIENTS, forMs),
      rulesPerSecond: adjudicating(forMs),
    };
  } finally {
    await client.query('drop table if exists bench_raw');
    await client.end();
  }
};

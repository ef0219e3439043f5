import { Client } from 'pg';
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
  /** Rows of all databases that one visit leaves, and visits per second that they are copied at. */
  readonly rowsPerVisit: number;
  readonly copiedPerSecond: number;
}

/** Copies every table of a database, indices and all, each in a transaction; then drops the copies. */
const copyTables = async (url: string): Promise<{ readonly rows: number; readonly ms: number }> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  let [rows, ms] = [0, 0];
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select quote_ident(schemaname) || '.' || quote_ident(relname) as name
       from pg_stat_user_tables where n_live_tup > 0`,
    );
    for (const { name } of tables) {
      await client.query(`create table public.bench_copy (like ${name} including all)`);
      const startedAtMs = performance.now();
      const { rowCount } = await client.query(
        `insert into public.bench_copy overriding system value select * from ${name}`,
      );
      ms += performance.now() - startedAtMs;
      rows += rowCount ?? 0;
      await client.query('drop table public.bench_copy');
    }
  } finally {
    await client.end();
  }
  return { rows, ms };
};

/** One client copies the rows of all visits, database by database. */
const copied = async (
  urls: readonly string[],
  visits: number,
): Promise<Pick<RawFlow, 'rowsPerVisit' | 'copiedPerSecond'>> => {
  let [rows, ms] = [0, 0];
  for (const url of urls) {
    const copy = await copyTables(url);
    rows += copy.rows;
    ms += copy.ms;
  }
  return { rowsPerVisit: rows / visits, copiedPerSecond: (visits * 1000) / ms };
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

/**
 * Measures for `forMs` each, and copies what `visits` have left in the databases; adds tables and
 * drops them.
 */
export const rawFlow = async (
  url: string,
  {
    databases,
    visits,
    forMs,
  }: { readonly databases: readonly string[]; readonly visits: number; readonly forMs: number },
): Promise<RawFlow> => {
  const [one, many] = await rawRows(url, { clients: [1, CLIENTS], bytes: BYTES, forMs });
  return {
    commitsPerSecond: one!,
    commitsPerSecondAtOnce: many!,
    rulesPerSecond: adjudicating(forMs),
    ...(await copied(databases, visits)),
  };
};

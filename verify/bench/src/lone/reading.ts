import { snapshotOf, costOf, type Snapshot } from '../flow/usage';
import type { LoneSite } from './site';

/** What a service and PostgreSQL have done so far. */
export interface Reading {
  readonly atMs: number;
  readonly snapshot: Snapshot;
  /** Rows of the service's tables that statements looked at. */
  readonly rowsRead: number;
}

/** What one unit of work cost; CPU in ms. */
export interface LoneCost {
  readonly cpuMs: number;
  /** CPU of the PostgreSQL backends that serve the service. */
  readonly postgresMs: number;
  /** Statements in the service's own database, and in the one of the bus. */
  readonly statements: number;
  readonly busStatements: number;
  /** Transactions that ended in its own database, readers included. */
  readonly commits: number;
  readonly rowsRead: number;
}

/** Read while the load goes on: a busy session reports to PostgreSQL once a second. */
export const readingOf = async (site: LoneSite): Promise<Reading> => {
  const { service, process, database, client } = site;
  const snapshot = await snapshotOf({ database, processes: new Map([[service, process]]) });
  const { rows } = await client.query<{ read: number }>(
    'select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::float8 as read from pg_stat_user_tables',
  );
  return { atMs: performance.now(), snapshot, rowsRead: rows[0]!.read };
};

/** Units per second between two readings, and what each cost. */
export const between = (
  before: Reading,
  after: Reading,
  units: number,
  { service }: Pick<LoneSite, 'service'>,
): { readonly perSecond: number; readonly cost: LoneCost } => {
  const { parts } = costOf(before.snapshot, after.snapshot, units);
  return {
    perSecond: Math.round((units * 1000) / (after.atMs - before.atMs)),
    cost: {
      ...parts[service]!,
      rowsRead: Number(((after.rowsRead - before.rowsRead) / units).toFixed(2)),
    },
  };
};

/** Deadlocks that PostgreSQL has ended in all databases. Ask when the service has stopped. */
export const deadlocksOf = async ({ client }: LoneSite): Promise<number> => {
  const { rows } = await client.query<{ deadlocks: number }>(
    'select sum(deadlocks)::float8 as deadlocks from pg_stat_database',
  );
  return rows[0]!.deadlocks;
};

/** The columns of a page. */
export const COST_COLUMNS: readonly (readonly [keyof LoneCost, string])[] = [
  ['cpuMs', 'CPU ms'],
  ['postgresMs', 'PG CPU ms'],
  ['statements', 'statements'],
  ['busStatements', 'on the bus'],
  ['commits', 'commits'],
  ['rowsRead', 'rows read'],
];

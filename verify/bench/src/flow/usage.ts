import { SERVICES } from '@caretab/deploy';
import { Client } from 'pg';
import { postgresCpuByRole, processCpuSeconds } from '../cpu';
import { BUS_DATABASE, databaseOf, type FlowSite, roleOf } from './site';

/** What one part has used so far; CPU in ms. */
export interface Usage {
  readonly cpuMs: number;
  /** CPU of the PostgreSQL backends that serve it. */
  readonly postgresMs: number;
  /** Statements in its own database, and in the one of the bus. */
  readonly statements: number;
  readonly busStatements: number;
  /** Transactions that ended in its own database, readers included. */
  readonly commits: number;
}

export interface Snapshot {
  readonly parts: ReadonlyMap<string, Usage>;
  readonly busCommits: number;
  readonly walKb: number;
  /** Statements that pg_stat_statements has forgotten: above zero its counts are too low. */
  readonly forgotten: number;
  readonly benchCpuMs: number;
}

/** Reads every counter of a platform: PostgreSQL's own by role and database, and /proc. */
export const snapshotOf = async ({
  database,
  processes,
}: Pick<FlowSite, 'database' | 'processes'>): Promise<Snapshot> => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows: calls } = await client.query<{ role: string; database: string; calls: number }>(
      `select r.rolname as role, d.datname as database, sum(s.calls)::float8 as calls
       from pg_stat_statements s join pg_roles r on r.oid = s.userid
       join pg_database d on d.oid = s.dbid group by 1, 2`,
    );
    const { rows: commits } = await client.query<{ database: string; commits: number }>(
      'select datname as database, xact_commit::float8 as commits from pg_stat_database where datname is not null',
    );
    const { rows: server } = await client.query<{ forgotten: number; bytes: number }>(
      'select (select dealloc::float8 from pg_stat_statements_info) as forgotten, ' +
        'wal_bytes::float8 as bytes from pg_stat_wal',
    );
    const backends = postgresCpuByRole(database.pid);
    const callsOf = (role: string, at: string): number =>
      calls.find((row) => row.role === role && row.database === at)?.calls ?? 0;
    const commitsOf = (at: string): number =>
      commits.find((row) => row.database === at)?.commits ?? 0;
    const parts = new Map<string, Usage>();
    for (const service of [...SERVICES, 'sandbox'] as const) {
      const process = processes.get(service);
      if (!process) continue;
      parts.set(service, {
        cpuMs: processCpuSeconds(process.pid) * 1000,
        postgresMs: (backends.get(roleOf(service)) ?? 0) * 1000,
        statements: callsOf(roleOf(service), databaseOf(service)),
        busStatements: callsOf(roleOf(service), BUS_DATABASE),
        commits: commitsOf(databaseOf(service)),
      });
    }
    parts.set('PostgreSQL itself', {
      cpuMs: 0,
      postgresMs: (backends.get('') ?? 0) * 1000,
      statements: 0,
      busStatements: 0,
      commits: 0,
    });
    const { user, system } = process.cpuUsage();
    return {
      parts,
      busCommits: commitsOf(BUS_DATABASE),
      walKb: (server[0]?.bytes ?? 0) / 1024,
      forgotten: server[0]?.forgotten ?? 0,
      benchCpuMs: (user + system) / 1000,
    };
  } finally {
    await client.end();
  }
};

/** What one visit cost between two snapshots. */
export interface Cost {
  readonly parts: Readonly<Record<string, Usage>>;
  readonly busCommits: number;
  readonly walKb: number;
  readonly benchCpuMs: number;
}

export const costOf = (before: Snapshot, after: Snapshot, visits: number): Cost => {
  const each = (from: number, to: number): number => Number(((to - from) / visits).toFixed(2));
  const names = ['cpuMs', 'postgresMs', 'statements', 'busStatements', 'commits'] as const;
  return {
    parts: Object.fromEntries(
      [...after.parts].map(([part, usage]) => {
        const earlier = before.parts.get(part)!;
        const spent = names.map((name) => [name, each(earlier[name], usage[name])]);
        return [part, Object.fromEntries(spent) as unknown as Usage];
      }),
    ),
    busCommits: each(before.busCommits, after.busCommits),
    walKb: each(before.walKb, after.walKb),
    benchCpuMs: each(before.benchCpuMs, after.benchCpuMs),
  };
};

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
  /** Rows of its own database that were inserted, changed or deleted, and that were read. */
  readonly rowsWritten: number;
  readonly rowsRead: number;
}

/** What a database has counted so far. */
export type DatabaseWork = Pick<Usage, 'commits' | 'rowsWritten' | 'rowsRead'>;

const NO_WORK: DatabaseWork = { commits: 0, rowsWritten: 0, rowsRead: 0 };

export interface Snapshot {
  readonly parts: ReadonlyMap<string, Usage>;
  readonly bus: DatabaseWork;
  /** Calls so far, by `<part> <statement>`. */
  readonly calls: ReadonlyMap<string, number>;
  readonly walKb: number;
  /** Statements that pg_stat_statements has forgotten: above zero its counts are too low. */
  readonly forgotten: number;
  readonly benchCpuMs: number;
}

interface Calls {
  readonly role: string;
  readonly database: string;
  readonly query: string;
  readonly calls: number;
}

const callsByPart = (calls: readonly Calls[]): ReadonlyMap<string, number> => {
  const byPart = new Map<string, number>();
  for (const service of SERVICES)
    for (const { role, query, calls: count } of calls) {
      const name = `${service} ${query.replace(/\s+/g, ' ')}`;
      if (role === roleOf(service)) byPart.set(name, (byPart.get(name) ?? 0) + count);
    }
  return byPart;
};

/** Reads every counter of a platform: PostgreSQL's own by role and database, and /proc. */
export const snapshotOf = async ({
  database,
  processes,
}: Pick<FlowSite, 'database' | 'processes'>): Promise<Snapshot> => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows: calls } = await client.query<Calls>(
      `select r.rolname as role, d.datname as database, s.query, sum(s.calls)::float8 as calls
       from pg_stat_statements s join pg_roles r on r.oid = s.userid
       join pg_database d on d.oid = s.dbid group by 1, 2, 3`,
    );
    const { rows: databases } = await client.query<DatabaseWork & { database: string }>(
      `select datname as database, xact_commit::float8 as commits,
         (tup_inserted + tup_updated + tup_deleted)::float8 as "rowsWritten",
         (tup_returned + tup_fetched)::float8 as "rowsRead"
       from pg_stat_database where datname is not null`,
    );
    const { rows: server } = await client.query<{ forgotten: number; bytes: number }>(
      'select (select dealloc::float8 from pg_stat_statements_info) as forgotten, ' +
        'wal_bytes::float8 as bytes from pg_stat_wal',
    );
    const backends = postgresCpuByRole(database.pid);
    const callsOf = (role: string, at: string): number =>
      calls
        .filter((row) => row.role === role && row.database === at)
        .reduce((sum, row) => sum + row.calls, 0);
    const workOf = (at: string): DatabaseWork => {
      const { commits, rowsWritten, rowsRead } =
        databases.find(({ database: name }) => name === at) ?? NO_WORK;
      return { commits, rowsWritten, rowsRead };
    };
    const parts = new Map<string, Usage>();
    for (const service of [...SERVICES, 'sandbox'] as const) {
      const process = processes.get(service);
      if (!process) continue;
      parts.set(service, {
        cpuMs: processCpuSeconds(process.pid) * 1000,
        postgresMs: (backends.get(roleOf(service)) ?? 0) * 1000,
        statements: callsOf(roleOf(service), databaseOf(service)),
        busStatements: callsOf(roleOf(service), BUS_DATABASE),
        ...workOf(databaseOf(service)),
      });
    }
    parts.set('PostgreSQL itself', {
      cpuMs: 0,
      postgresMs: (backends.get('') ?? 0) * 1000,
      statements: 0,
      busStatements: 0,
      ...NO_WORK,
    });
    const { user, system } = process.cpuUsage();
    return {
      parts,
      bus: workOf(BUS_DATABASE),
      calls: callsByPart(calls),
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
  readonly bus: DatabaseWork;
  /** Statements by `<part> <statement>`, the most frequent first. */
  readonly statements: readonly (readonly [name: string, perVisit: number])[];
  readonly walKb: number;
  readonly benchCpuMs: number;
}

export const costOf = (before: Snapshot, after: Snapshot, visits: number): Cost => {
  const each = (from: number, to: number): number => Number(((to - from) / visits).toFixed(2));
  const eachOf = <Counters extends object>(from: Counters, to: Counters): Counters =>
    Object.fromEntries(
      Object.entries(to).map(([name, value]) => [
        name,
        each(from[name as keyof Counters] as number, value as number),
      ]),
    ) as Counters;
  return {
    parts: Object.fromEntries(
      [...after.parts].map(([part, usage]) => [part, eachOf(before.parts.get(part)!, usage)]),
    ),
    bus: eachOf(before.bus, after.bus),
    statements: [...after.calls]
      .map(([name, calls]) => [name, each(before.calls.get(name) ?? 0, calls)] as const)
      .filter(([, perVisit]) => perVisit > 0)
      .sort(([, one], [, other]) => other - one),
    walKb: each(before.walKb, after.walKb),
    benchCpuMs: each(before.benchCpuMs, after.benchCpuMs),
  };
};

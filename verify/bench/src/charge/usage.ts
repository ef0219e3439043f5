import type { Client } from 'pg';
import { postgresCpuByRole, processCpuSeconds } from '../cpu';
import type { Edge } from '../edge';
import { roleOf } from '../flow/site';
import type { Site } from '../site';

export const GATEWAY_ROLE = roleOf('gateway');

/** What was used so far; CPU in ms. */
export interface Used {
  readonly gatewayMs: number;
  readonly identityMs: number;
  readonly ledgerMs: number;
  /** Of the PostgreSQL backends that serve the gateway, and of all of the server. */
  readonly gatewayPostgresMs: number;
  readonly postgresMs: number;
  /** Of the gateway, its readers and relay included. */
  readonly statements: number;
  readonly commits: number;
}

/** Reads the counters of PostgreSQL and of /proc. */
export const usedBy = async (
  client: Client,
  { database, ledger }: Site,
  { gateway, identity }: Edge,
): Promise<Used> => {
  const { rows } = await client.query<{ statements: number; commits: number }>(
    `select coalesce(sum(s.calls), 0)::float8 as statements,
       coalesce(sum(s.calls) filter (where s.query ~* '^commit'), 0)::float8 as commits
     from pg_stat_statements s join pg_roles r on r.oid = s.userid where r.rolname = $1`,
    [GATEWAY_ROLE],
  );
  const backends = postgresCpuByRole(database.pid);
  return {
    gatewayMs: processCpuSeconds(gateway.pid) * 1000,
    identityMs: processCpuSeconds(identity.pid) * 1000,
    ledgerMs: processCpuSeconds(ledger.pid) * 1000,
    gatewayPostgresMs: (backends.get(GATEWAY_ROLE) ?? 0) * 1000,
    postgresMs: [...backends.values()].reduce((sum, seconds) => sum + seconds, 0) * 1000,
    ...rows[0]!,
  };
};

/** What one charge used between two moments. */
export const usedEach = (before: Used, after: Used, charges: number): Used =>
  Object.fromEntries(
    (Object.keys(after) as (keyof Used)[]).map((name) => [
      name,
      Number(((after[name] - before[name]) / charges).toFixed(3)),
    ]),
  ) as unknown as Used;

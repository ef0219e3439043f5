import type { Client } from 'pg';

/** Statements and commits so far, without those of the bench itself. */
export const countersOf = async (
  client: Client,
): Promise<{ readonly statements: number; readonly commits: number }> => {
  const { rows } = await client.query<{ statements: number; commits: number }>(
    `select /* bench */ sum(calls)::float8 as statements,
       coalesce(sum(calls) filter (where query ilike 'commit'), 0)::float8 as commits
     from pg_stat_statements where query not like '%/* bench */%'`,
  );
  return rows[0]!;
};

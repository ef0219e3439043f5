import type { Client } from 'pg';
import { TABLES } from './rows';

/** Runs without the triggers: the journal is never emptied, and rows are not checked again. */
const unguarded = async (client: Client, work: () => Promise<unknown>): Promise<void> => {
  await client.query('set session_replication_role = replica');
  await work();
  await client.query('set session_replication_role = origin');
};

const truncate = (client: Client): Promise<unknown> =>
  client.query(`truncate ${TABLES.join(', ')} cascade`);

/** Empties payment's tables. */
export const emptied = (client: Client): Promise<void> => unguarded(client, () => truncate(client));

/** As autovacuum and a checkpoint leave them, so that neither runs into a measurement. */
export const settled = async (client: Client): Promise<void> => {
  await client.query(`vacuum (analyze) ${TABLES.join(', ')}`);
  await client.query('checkpoint');
};

/** Fills them with the rows of so many visits. */
export const filled = async (
  client: Client,
  statements: readonly string[],
  visits: number,
): Promise<void> => {
  await unguarded(client, async () => {
    await truncate(client);
    for (const statement of statements) await client.query(statement, [visits]);
  });
  await settled(client);
};

/** In ms. */
export const took = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
};

export const medianOf = async (rounds: number, work: () => Promise<unknown>): Promise<number> => {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push(await took(work));
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
};

import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { outageOf } from './outage';
import type { TransactOptions } from './store';
import { type Last, Session } from './typeorm-session';

/** Plans are kept for as long as their connection was old when they were made, within these. */
const PLANS_KEPT_MS = { min: 1_000, max: 30_000 };
const DISCARD_PLANS = 'discard plans';

interface Planned {
  readonly bornMs: number;
  madeMs: number;
}

const plannedOn = new WeakMap<PoolClient, Planned>();

/**
 * Has the server make its plans again from time to time: one that was made while a table was small
 * may read all of it. The tables of a young platform are soon twice as large, those of an old one
 * are not. What fails here fails for the work that follows on the connection.
 */
const renewPlans = (client: PoolClient, nowMs: number): void => {
  const planned = plannedOn.get(client) ?? { bornMs: nowMs, madeMs: nowMs };
  plannedOn.set(client, planned);
  const { min, max } = PLANS_KEPT_MS;
  const keptMs = Math.min(max, Math.max(min, planned.madeMs - planned.bornMs));
  if (nowMs - planned.madeMs < keptMs) return;
  planned.madeMs = nowMs;
  void client.query(DISCARD_PLANS).catch(() => undefined);
};

/**
 * Runs the work on one connection of the pool. After an outage the connection is closed: pg gives
 * up waiting for an answer without giving up the connection, and its next user would wait behind a
 * statement that is never answered.
 */
export const onConnection = async <Result>(
  dataSource: DataSource,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> => {
  const runner = dataSource.createQueryRunner();
  try {
    const client = (await runner.connect()) as PoolClient & { end(): Promise<void> };
    renewPlans(client, performance.now());
    try {
      return await work(client);
    } catch (error) {
      if (outageOf(error)) void client.end().catch(() => undefined);
      throw error;
    }
  } finally {
    await runner.release();
  }
};

const NOTHING: Last = { writes: false, ask: () => [] };

/** What a transaction returns, and what it still asks for before its commit. */
export interface Ended<Result> {
  readonly result: Result;
  readonly last?: Last;
}

/**
 * Runs the work in a transaction. What an outage left open is rolled back by the end of its
 * connection, not by asking a server that may be gone.
 */
export const inTransaction = <Result>(
  dataSource: DataSource,
  work: (session: Session) => Promise<Ended<Result>>,
  options: TransactOptions = {},
): Promise<Result> =>
  onConnection(dataSource, async (client) => {
    const session = new Session(client);
    try {
      const { result, last = NOTHING } = await work(session);
      await session.commit(last, options);
      return result;
    } catch (error) {
      // The caller gets the failure itself.
      if (!outageOf(error)) await session.rollback().catch(() => undefined);
      throw error;
    }
  });

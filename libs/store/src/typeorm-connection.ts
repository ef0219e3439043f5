import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { outageOf } from './outage';
import type { TransactOptions } from './store';
import { type Last, Session } from './typeorm-session';

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

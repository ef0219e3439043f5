import type { PoolClient } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { outageOf } from './outage';
import type { TransactOptions } from './store';
import { Session } from './typeorm-session';

/** Both in one round trip. The setting ends with the transaction. */
const COMMIT_ASYNCHRONOUSLY = 'set local synchronous_commit to off; commit';

/**
 * Runs the work on one connection of the pool. After an outage the connection is closed: pg gives
 * up waiting for an answer without giving up the connection, and its next user would wait behind a
 * statement that is never answered.
 */
export const onConnection = async <Result>(
  dataSource: DataSource,
  work: (client: PoolClient, runner: QueryRunner) => Promise<Result>,
): Promise<Result> => {
  const runner = dataSource.createQueryRunner();
  try {
    const client = (await runner.connect()) as PoolClient & { end(): Promise<void> };
    try {
      return await work(client, runner);
    } catch (error) {
      if (outageOf(error)) void client.end().catch(() => undefined);
      throw error;
    }
  } finally {
    await runner.release();
  }
};

/**
 * Runs the work in a transaction. What an outage left open is rolled back by the end of its
 * connection, not by asking a server that may be gone.
 */
export const inTransaction = <Result>(
  dataSource: DataSource,
  work: (session: Session) => Promise<Result>,
  { commit }: TransactOptions = {},
): Promise<Result> =>
  onConnection(dataSource, async (client, runner) => {
    const session = new Session(runner, client);
    try {
      const result = await work(session);
      if (!session.hasBegun) return result;
      if (commit === 'asynchronous') await runner.query(COMMIT_ASYNCHRONOUSLY);
      else await runner.commitTransaction();
      return result;
    } catch (error) {
      // The caller gets the failure itself.
      if (session.hasBegun && !outageOf(error))
        await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }
  });

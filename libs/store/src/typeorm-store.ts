import type { QueryResult } from 'pg';
import { DataSource } from 'typeorm';
import { excessRights, neededRights } from './database-rights';
import { connectionOptions, DATABASE, migrate } from './migrate';
import type { MigrationClass } from './migration';
import { lostAgainstAnother, queryFailure } from './query-failed';
import type { Position } from './position';
import type { Store, StoredMessage, TransactOptions, Transaction } from './store';
import type { Table } from './tables';
import { inTransaction, onConnection } from './typeorm-connection';
import {
  ADVANCE,
  advanceParameters,
  PLACE,
  type PositionRow,
  POSITIONS,
  positionsIn,
} from './typeorm-positions';
import { entityOf } from './typeorm-schema';
import { prepared } from './typeorm-session';
import { TypeOrmTransaction } from './typeorm-transaction';
import { UnitsOfWork } from './unit-of-work';
import { proveDatabase } from './prove-database';
import { databaseOf, userOf } from './rights';
import { isNarrow, MAY_NARROW, NARROWED, narrowRoleOf } from './within';

const ATTEMPTS_MAX = 3;
/** The advisory lock that the relays of one schema take turns on: 'RELA' in ASCII. */
const RELAY_LOCK = 0x52454c41;
const STATEMENT_TIMEOUT_MS = 30_000;
/**
 * The server gives a statement up first, with a clear error; we do a little later, should it have
 * gone silent altogether.
 */
const SILENCE_MS = 2_000;
const IDLE_IN_TRANSACTION_MAX_MS = 60_000;

export interface TypeOrmStoreOptions {
  readonly url: string;
  /** As in MigrateOptions. */
  readonly ownerUrl?: string | undefined;
  /** Created when missing; letters, digits, `_` and `-`. */
  readonly schema: string;
  readonly tables: readonly Table[];
  readonly migrations: readonly MigrationClass[];
  /** Connections at most; 10 by default. */
  readonly poolMax?: number;
  /** For one statement, waiting for locks included; 30 s by default. */
  readonly statementTimeoutMs?: number;
  /** For a free connection, or a new one; 10 s by default. */
  readonly connectTimeoutMs?: number;
  /** A line per migration that runs. */
  readonly onProgress?: (line: string) => void;
}

/**
 * The server and the rights on it, before anything is written. Where a service owns its tables itself
 * it may do what an owner may.
 */
const prove = ({ url, ownerUrl }: TypeOrmStoreOptions): Promise<void> => {
  const service = userOf(url);
  const roles = { service, owner: userOf(ownerUrl ?? url), database: databaseOf(url) };
  const rights = roles.owner === service ? [] : [...neededRights(roles), ...excessRights(roles)];
  return proveDatabase({ url, setting: DATABASE }, rights);
};

/** A service's rows in its schema of a PostgreSQL database. */
export class TypeOrmStore implements Store {
  private readonly units = new UnitsOfWork();

  private constructor(
    private readonly dataSource: DataSource,
    /** Undefined where it was not made. */
    private readonly narrowRole: string | undefined,
  ) {}

  /** Creates the schema, runs the migrations not yet run (one process at a time), and connects. */
  static async open(options: TypeOrmStoreOptions): Promise<TypeOrmStore> {
    await prove(options);
    await migrate(options);
    const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
    const settings = {
      statement_timeout: String(statementTimeoutMs),
      idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MAX_MS),
    };
    const connection = connectionOptions(options, { settings });
    const dataSource = new DataSource({
      ...connection,
      entities: options.tables.map(entityOf),
      poolSize: options.poolMax ?? 10,
      ...(options.connectTimeoutMs !== undefined && { connectTimeoutMS: options.connectTimeoutMs }),
      extra: {
        ...connection.extra,
        keepAlive: true,
        // Statements are asked for without waiting for the answer of the one before: see Session.
        pipeline: true,
        query_timeout: statementTimeoutMs + SILENCE_MS,
      },
    });
    await dataSource.initialize();
    const role = narrowRoleOf(userOf(options.url));
    const [found] = await dataSource.query<{ may: boolean }[]>(MAY_NARROW, [role]);
    return new TypeOrmStore(dataSource, found?.may ? role : undefined);
  }

  async transact<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    options: TransactOptions = {},
  ): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { result, published } = await this.units.run(() => this.attempt(work, options));
        if (published) this.units.published();
        return result;
      } catch (error) {
        // Of the commit itself; statements have said theirs.
        const failure = queryFailure(error, 'the transaction');
        if (attempt === ATTEMPTS_MAX || !lostAgainstAnother(failure)) throw failure;
      }
    }
  }

  private attempt<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    options: TransactOptions,
  ): Promise<{ result: Result; published: boolean }> {
    return inTransaction(
      this.dataSource,
      async (session) => {
        const transaction = new TypeOrmTransaction(session, options);
        if (isNarrow(options.within) && this.narrowRole !== undefined)
          await session.run(NARROWED, [this.narrowRole, JSON.stringify(options.within)]);
        const result = await work(transaction);
        transaction.assertSound();
        const { isPublishing: published } = transaction;
        const last = { writes: transaction.isWriting, ask: () => transaction.last() };
        return { result: { result, published }, last };
      },
      options,
    );
  }

  /**
   * Ordered by id. Transactions of different keys draw ids and commit in any order, so a lower id
   * may appear later; it is not skipped, because there is no cursor to pass it by: published rows
   * are deleted, and whatever is left is asked for again. Messages of one key keep their commit
   * order: who changes an aggregate holds its row's lock until the commit, and draws the ids after
   * taking it.
   */
  async unpublished(
    countMax: number,
    except: readonly string[] = [],
  ): Promise<readonly StoredMessage[]> {
    const { rows } = await this.query<StoredMessage & { readonly value: string }>(
      `select id, topic, key, headers, value from outbox
      where topic <> all($2) order by id limit $1`,
      [countMax, except],
    );
    return rows.map((row) => ({ ...row, value: JSON.parse(row.value) as unknown }));
  }

  async markPublished(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.query('delete from outbox where id = any($1::bigint[])', [ids]);
  }

  async pending(countMax: number): Promise<number> {
    const { rows } = await this.query<{ count: string }>(
      'select count(*) as count from (select from outbox limit $1) as waiting',
      [countMax],
    );
    return Number(rows[0]!.count);
  }

  /**
   * Runs the work while no other process runs one for this schema; undefined when another does.
   * Takes a connection of its own.
   */
  withRelayLock<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    return inTransaction(this.dataSource, async (session) => {
      const answer = await session.run<{ held: boolean }>(
        'select pg_try_advisory_xact_lock($1, hashtext(current_schema())) as held',
        [RELAY_LOCK],
      );
      return { result: answer[0]?.held ? await work() : undefined };
    });
  }

  onPublish(listener: () => void): () => void {
    return this.units.onPublish(listener);
  }

  /** The time of the database's clock. */
  async now(): Promise<Date> {
    const { rows } = await this.query<{ now: Date }>('select clock_timestamp() as now', []);
    return rows[0]!.now;
  }

  async pruneHandled(olderThan: Date): Promise<number> {
    const { rowCount } = await this.query('delete from inbox where handled_at < $1', [olderThan]);
    return rowCount ?? 0;
  }

  async advance(...handled: Parameters<Store['advance']>): Promise<void> {
    await this.query(ADVANCE, advanceParameters(...handled));
  }

  async place({ group, topic, partition, offset }: Position): Promise<void> {
    await this.query(PLACE, [group, topic, partition, offset]);
  }

  async positions(groups: readonly string[]): Promise<readonly Position[]> {
    return positionsIn((await this.query<PositionRow>(POSITIONS, [groups])).rows);
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async query<Row extends object>(
    statement: string,
    parameters: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    try {
      return await onConnection(this.dataSource, (client) =>
        prepared(client, statement, parameters),
      );
    } catch (error) {
      throw queryFailure(error, 'outbox');
    }
  }
}

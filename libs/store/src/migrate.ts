import { assert } from '@caretab/kernel';
import { Client, type ClientConfig } from 'pg';
import { DataSource, type Logger } from 'typeorm';
import type { MigrationClass } from './migration';
import { InboxAndOutbox1000000000000 } from './migrations/store-1';
import { InboxContent1000000000002 } from './migrations/store-2';
import { connectRefused } from './connect-refused';
import { demandServer } from './prove-database';
import { rightsOf, userOf } from './rights';
import { holdSettings, type SessionSettings, startupOptions } from './session';
import { Positions1000000000004 } from './migrations/store-3';
import type { Table } from './tables';
import { narrowingOf } from './within';

export const CONNECT_TIMEOUT_MS = 10_000;
/** The advisory lock that migrating processes take turns on: 'CARE' in ASCII. */
const MIGRATION_LOCK = 0x43415245;

/** The variables that hold the connection strings of a service. */
export const DATABASE = 'DATABASE_URL';
export const OWNER = 'DATABASE_OWNER_URL';

export interface Place {
  readonly url: string;
  readonly schema: string;
}

export interface MigrateOptions extends Place {
  /**
   * Of the role that owns the schema and migrates it; who signs in with `url` then reads and writes
   * rows alone. Without it, `url` is the owner's.
   */
  readonly ownerUrl?: string | undefined;
  readonly tables: readonly Table[];
  readonly migrations: readonly MigrationClass[];
  readonly onProgress?: (line: string) => void;
}

/**
 * A client whose broken connection does not end the process. Between being connected (or idle) and
 * being checked out, a pool's client has no error listener. A message of the server right after
 * `ready`, such as its shutdown, would be an unhandled error. The client's user sees the query fail
 * instead.
 */
export class SteadyClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

/**
 * Must hold in every session. PostgreSQL keeps a plan where one for the values at hand would be no
 * better (see `renewPlans`).
 */
const SETTINGS: SessionSettings = {
  default_transaction_isolation: 'read committed',
  plan_cache_mode: 'auto',
  synchronous_commit: 'on',
};

/**
 * How a DataSource of ours reaches its schema: names without a prefix mean the schema, here and in
 * hand-written SQL.
 */
export const connectionOptions = (
  { url, schema }: Place,
  { setting = DATABASE, settings = {} }: { setting?: string; settings?: SessionSettings } = {},
) => {
  assert(
    /^[a-z][a-z0-9_-]{0,62}$/.test(schema),
    'a schema is named in lower-case letters, digits, _ and -',
  );
  const held = { ...SETTINGS, ...settings, search_path: `"${schema}"` };
  return {
    type: 'postgres' as const,
    url,
    schema,
    installExtensions: false,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: `caretab-${schema}`,
    extra: {
      options: startupOptions(held),
      onConnect: holdSettings(held, setting),
      Client: SteadyClient,
    },
  };
};

/**
 * Creates the schema and runs what was not run yet, the common tables first. Processes that start
 * together take turns.
 */
export const migrate = async (options: MigrateOptions): Promise<void> => {
  const { schema, migrations, onProgress } = options;
  const url = options.ownerUrl ?? options.url;
  const setting = options.ownerUrl === undefined ? DATABASE : OWNER;
  const connection = connectionOptions({ url, schema }, { setting });
  const turn = new SteadyClient({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  const refused = (error: unknown): never => {
    throw connectRefused(error, { url, setting });
  };
  await turn.connect().catch(refused);
  try {
    // The owner's sessions may be other ones than the service's.
    await demandServer(turn, { url, setting });
    await turn.query('select pg_advisory_lock($1, hashtext($2))', [MIGRATION_LOCK, schema]);
    await turn.query(`create schema if not exists "${schema}"`);
    const dataSource = new DataSource({
      ...connection,
      poolSize: 1,
      migrations: [
        InboxAndOutbox1000000000000,
        InboxContent1000000000002,
        Positions1000000000004,
        ...migrations,
      ],
      migrationsTransactionMode: 'each',
      logging: ['migration', 'schema'],
      logger: new ProgressLogger((line) => onProgress?.(`${schema}: ${line}`)),
    });
    await dataSource.initialize().catch(refused);
    try {
      await dataSource.runMigrations();
    } finally {
      await dataSource.destroy();
    }
    if (options.ownerUrl !== undefined) {
      const service = userOf(options.url);
      await turn.query(rightsOf(schema, service) + narrowingOf(schema, service, options.tables));
    }
  } finally {
    await turn.end();
  }
};

/**
 * Passes on what TypeORM says about migrations, and nothing else: queries and their parameters may
 * hold personal data.
 */
class ProgressLogger implements Logger {
  constructor(private readonly say: (line: string) => void) {}

  logMigration(message: string): void {
    this.say(message);
  }

  /** TypeORM reports finished migrations as of a schema build, between lines that only count. */
  logSchemaBuild(message: string): void {
    if (message.endsWith('executed successfully.')) this.say(message);
  }

  logQuery(): void {}
  logQueryError(): void {}
  logQuerySlow(): void {}
  log(): void {}
}

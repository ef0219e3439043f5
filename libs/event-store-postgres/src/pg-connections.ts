import { EventStoreUnavailable } from '@caretab/event-store';
import { CannotStart, InvariantViolation } from '@caretab/kernel';
import { holdSettings, type SessionSettings, startupOptions } from '@caretab/store';
import { Pool, type PoolConfig } from 'pg';
import { APP_ROLE } from './ledger-rights';

/**
 * The server gives up first, with a clear error; the client a little later, should the server be
 * gone altogether.
 */
export const STATEMENT_TIMEOUT_MS = 10_000;
const QUERY_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 2_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * How every connection of the store behaves: as the application's role, with deadlines, and
 * planning the append once. A plan made while statistics call the log empty would read all of it
 * for each append, so an index is used whatever they say; the price that the planner puts on what
 * is switched off would start its compiler (jit), before PostgreSQL 18.
 */
const SETTINGS: SessionSettings = {
  role: APP_ROLE,
  default_transaction_isolation: 'read committed',
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  jit: 'off',
  synchronous_commit: 'on',
  statement_timeout: String(STATEMENT_TIMEOUT_MS),
  idle_in_transaction_session_timeout: String(STATEMENT_TIMEOUT_MS),
};

export const connectionConfig = (url: string, purpose: string): PoolConfig => ({
  connectionString: url,
  application_name: `caretab ${purpose}`,
  options: startupOptions(SETTINGS),
  onConnect: holdSettings(SETTINGS, 'DATABASE_URL'),
  query_timeout: QUERY_TIMEOUT_MS,
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  keepAlive: true,
});

export const openPool = (url: string, purpose: string, max: number): Pool => {
  const pool = new Pool({ ...connectionConfig(url, purpose), max });
  // An idle connection broke; the pool makes a new one when it is needed. Without a listener the
  // process would end.
  pool.on('error', () => undefined);
  // A connection that breaks before it is checked out has no other listener; its next query fails
  // and reports it.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};

/**
 * Connection exceptions, resources, operator intervention (shutdown, crash, timeout),
 * serialisation, deadlock and lock failures pass by themselves.
 */
const TRANSIENT_CLASSES = new Set(['08', '53', '57', '40', '55']);

/**
 * Whether trying the same again may help. Errors without an SQLSTATE come from the connection,
 * unless they are mistakes of ours.
 */
export const isTransient = (error: unknown): boolean => {
  if (
    error instanceof InvariantViolation ||
    error instanceof TypeError ||
    error instanceof RangeError
  )
    return false;
  const code = (error as { code?: unknown } | null)?.code;
  return (
    typeof code !== 'string' ||
    !/^[0-9A-Z]{5}$/.test(code) ||
    TRANSIENT_CLASSES.has(code.slice(0, 2))
  );
};

/** Name of the unique constraint that failed. */
export const violatedConstraint = (error: unknown): string | undefined => {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === '23505' ? constraint : undefined;
};

/**
 * The database answers, and refuses whatever we ask: no way in (class 28), no such database, a right
 * that was taken back, no such schema, table, column or function, or no position left behind the last
 * row (22003, 23514). No event is to blame.
 */
const REFUSES_ALL = /^(28...|3D000|3F000|42501|42P01|42703|42883|22003|23514)$/;

/** An error of the driver as it is, or EventStoreUnavailable where it speaks of no event. */
export const named = (error: unknown, doing: string): unknown => {
  if (error instanceof CannotStart)
    return new EventStoreUnavailable(`${doing} was refused: ${error.message}`, { cause: error });
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && REFUSES_ALL.test(code)
    ? new EventStoreUnavailable(`${doing} was refused (${code})`, { cause: error })
    : error;
};

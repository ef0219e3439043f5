import { QueryFailedError } from 'typeorm';
import { outageOf } from './outage';
import { UniqueViolation } from './store';

/**
 * The database refused a statement. Carries neither parameters nor values of rows: both may be
 * personal data.
 */
export class QueryFailed extends Error {
  constructor(
    /** SQLSTATE, as in PostgreSQL's appendix A. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'QueryFailed';
  }
}

interface PostgresError {
  readonly code?: string;
  readonly table?: string;
  readonly constraint?: string;
  readonly message: string;
}

const UNIQUE_VIOLATION = '23505';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const QUERY_CANCELLED = '57014';
/** Class 22: the message quotes the value that did not fit. */
const DATA_EXCEPTION = /^22/;

/**
 * Says a failed query in our words: UniqueViolation, an outage (unavailable), or QueryFailed with
 * the SQLSTATE; any other error stays itself.
 */
export const queryFailure = (error: unknown, table: string): unknown => {
  const outage = outageOf(error);
  if (outage) return outage;
  if (!(error instanceof QueryFailedError)) return error;
  const {
    code = 'unknown',
    constraint,
    message,
    table: named = table,
  } = error.driverError as unknown as PostgresError;
  if (code === UNIQUE_VIOLATION)
    return new UniqueViolation(named, {
      cause: new QueryFailed(code, `Unique constraint ${constraint ?? '?'}`),
    });
  return new QueryFailed(
    code,
    `PostgreSQL ${code} on ${named}${DATA_EXCEPTION.test(code) ? '' : `: ${message}`}`,
  );
};

/** Whether the same transaction may succeed when it runs again: it lost against another one. */
export const lostAgainstAnother = (error: unknown): boolean =>
  error instanceof QueryFailed &&
  (error.code === SERIALIZATION_FAILURE || error.code === DEADLOCK_DETECTED);

/**
 * Whether the database gave a statement up because of others: it took too long, or lost against
 * them again and again. Later it may succeed.
 */
export const heldUp = (error: unknown): boolean =>
  lostAgainstAnother(error) || (error instanceof QueryFailed && error.code === QUERY_CANCELLED);

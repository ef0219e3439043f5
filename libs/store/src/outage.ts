import { CannotStart, DomainError } from '@caretab/kernel';
import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';

/**
 * SQLSTATEs that blame no statement: the server shuts down, starts, has crashed or is a replica
 * just now, has no connection or no memory left, does not let us in, took a right back, or has not
 * our tables (yet, or since a restore). See PostgreSQL's appendix A.
 */
const AWAY = /^(08...|57P0[1235]|53[023]..|28...|3D000|25006|58030|42501|42P01)$/;
const DISK_FULL = '53100';
/** The connection could not be made, or broke. */
const SOCKET = new RegExp(
  '^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOST(UNREACH|DOWN)|ENET(UNREACH|DOWN)|' +
    'ENOTFOUND|EAI_AGAIN|EMFILE|ENFILE|EADDRNOTAVAIL)$',
);
/** What pg and its pool say without a code. */
const SPOKEN = new RegExp(
  '^(Connection terminated|Client has encountered a connection error|Client was closed|' +
    'Query read timeout|timeout exceeded when trying to connect|timeout expired|' +
    'Cannot use a pool after calling end)',
);

const REMEDY = 'try again later';
const because = (error: DomainError, cause: unknown): DomainError =>
  Object.assign(error, { cause });
const codeOf = (error: unknown): string =>
  String((error as { code?: unknown } | null | undefined)?.code ?? '');

/**
 * The error of an outage in our words: DATABASE_FULL or DATABASE_UNAVAILABLE (unavailable), with
 * the driver's own error as its cause. Undefined when the database answered and said no. A commit
 * without an answer may have taken effect: repeating the request resolves it.
 */
export const outageOf = (error: unknown): DomainError | undefined => {
  if (error instanceof DomainError)
    return error.code === 'DATABASE_UNAVAILABLE' || error.code === 'DATABASE_FULL'
      ? error
      : undefined;
  if (error instanceof QueryRunnerAlreadyReleasedError)
    return because(
      new DomainError('DATABASE_UNAVAILABLE', 'unavailable', {
        why: 'the connection broke',
        remedy: REMEDY,
      }),
      error,
    );
  const told = error instanceof QueryFailedError ? (error.driverError as unknown) : error;
  const code = codeOf(told);
  if (code === DISK_FULL)
    return because(
      new DomainError('DATABASE_FULL', 'unavailable', {
        why: 'the database has no room left',
        remedy: REMEDY,
      }),
      told,
    );
  // Of a new session that does not hold what it must: nothing runs in it.
  const isAway =
    told instanceof CannotStart ||
    AWAY.test(code) ||
    SOCKET.test(code) ||
    (code === '' && told instanceof Error && SPOKEN.test(told.message));
  return isAway
    ? because(
        new DomainError('DATABASE_UNAVAILABLE', 'unavailable', {
          why: 'the database does not answer',
          remedy: REMEDY,
        }),
        told,
      )
    : undefined;
};

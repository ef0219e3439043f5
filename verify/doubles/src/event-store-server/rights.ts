import { type ServiceError, status } from '@grpc/grpc-js';
import { failure } from './answers';
import type { ServerLog } from './log';

/**
 * As whom the server takes its callers, whose client sends no password without TLS: a member of
 * `$admins`, another user, one without credentials, or one whose password is wrong.
 */
export type Caller = 'admin' | 'user' | 'anonymous' | 'wrong password';

/** Rights as an access control list names them: read, write, delete, and those on metadata. */
export type Right = '$r' | '$w' | '$d' | '$mr' | '$mw';

const EVERY_USER = '$all';
const METADATA = /^\$\$/;

const accessDenied = (): ServiceError =>
  failure(status.PERMISSION_DENIED, 'Access Denied', 'access-denied');

/** As a server answers that speaks the protocol and has no such service. */
export const unimplemented = (): ServiceError =>
  failure(status.UNIMPLEMENTED, 'Service is unimplemented.');

const unauthenticated = (): ServiceError =>
  failure(status.UNAUTHENTICATED, 'Authentication failed.');

/**
 * Why a call on a stream (`$all`: all of them) is refused; undefined: it is not. A member of
 * `$admins` may do everything, whatever a list says. What no list of the stream names is every user's
 * for a stream of users, unless `$settings` narrows it, and of `$admins` for `$all`.
 */
export const refusalOf = (
  log: ServerLog,
  caller: Caller,
  right: Right,
  name: string,
): ServiceError | undefined => {
  if (caller === 'wrong password') return unauthenticated();
  if (caller === 'anonymous') return accessDenied();
  if (caller === 'admin') return undefined;
  const isMetadata = METADATA.test(name);
  const list = listOf(log, isMetadata ? name.slice(2) : name);
  const named = list[isMetadata ? onMetadata(right) : right];
  const allowed = named ?? (name === '$all' ? '$admins' : EVERY_USER);
  return [allowed].flat().some((who) => who === EVERY_USER || who === caller)
    ? undefined
    : accessDenied();
};

const onMetadata = (right: Right): Right => (right === '$r' ? '$mr' : '$mw');

const listOf = (log: ServerLog, name: string): Record<string, string | readonly string[]> => ({
  ...(name === '$all' ? {} : log.defaultAcl()),
  ...log.metadata(name).$acl,
});

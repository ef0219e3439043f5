import type { Subject } from './subject';

/** What a caller sent to say who it is. */
export interface Credentials {
  /** The header field of this name, as it came. */
  readonly authorization: string | undefined;
  /** SHA-256 of the client's certificate, where the connection has one that was verified. */
  readonly certificate?: string | undefined;
}

/**
 * Finds whose credentials they are. Undefined: they are of no kind that it knows, and the next
 * authenticator may be asked. Throws UNAUTHENTICATED (unauthenticated) for credentials of its kind that
 * are wrong, expired or revoked, and what is `unavailable` when it cannot be known now. An answer that
 * needs no waiting is given without a promise.
 */
export interface Authenticator {
  subjectOf(credentials: Credentials): Subject | undefined | Promise<Subject | undefined>;
}

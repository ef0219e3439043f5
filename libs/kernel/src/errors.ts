import type { ErrorCode } from './error-codes';

/**
 * How the caller was wrong; the edge maps a kind to a protocol's own code. `unavailable` is no fault
 * of the caller: a dependency does not answer, nothing was done, and the same request may succeed
 * later. `unprocessable`: the request is well formed and asks for what cannot be. `overloaded`:
 * nothing was done, and the same request will succeed after a pause. `awaited`: what it refers to may
 * still be on its way. `unsupported`: the body is of a type that is not read.
 * `internal`: an unhandled error of ours.
 */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'awaited'
  | 'conflict'
  | 'too-large'
  | 'unsupported'
  | 'unprocessable'
  | 'overloaded'
  | 'unavailable'
  | 'internal';

/**
 * The caller asked for something that cannot be done. `code` is one of docs/errors.md; `details`
 * never holds personal data: it is logged and returned.
 */
export class DomainError extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly kind: ErrorKind,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${code} ${JSON.stringify(details)}`);
    this.name = 'DomainError';
  }
}

/**
 * A start is refused for what stands outside of us: a setting, a right, a version, a key. The message
 * is one sentence that says what is wrong, and what to change: no stack says more.
 */
export class CannotStart extends Error {
  constructor(sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.name = 'CannotStart';
  }
}

/** We are wrong: the unit of work stops and an alert fires. `invariant` is the broken sentence. */
export class InvariantViolation extends Error {
  constructor(invariant: string) {
    super(`Invariant broken: ${invariant}`);
    this.name = 'InvariantViolation';
  }
}

/**
 * Stops the unit of work unless `condition` holds; `invariant` says in words what must always be
 * true.
 */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new InvariantViolation(invariant);
}

import type { ErrorCode, ErrorDetail, ErrorKind } from '@caretab/kernel';

/** The one mapping of a kind of error to a status. */
export const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  awaited: 404,
  conflict: 409,
  'too-large': 413,
  unsupported: 415,
  unprocessable: 422,
  overloaded: 429,
  internal: 500,
  unavailable: 503,
};

/** An RFC 9457 problem. `type` points into docs/errors.md, `code` is the stable name. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[];
  /** Whole seconds, as in Retry-After. */
  readonly retryAfterSeconds?: number;
}

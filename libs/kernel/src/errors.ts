/**
 * How the caller was wrong; the edge maps a kind to a protocol's own code (HTTP: 400, 404, 409,
 * 403). `unavailable` (503) is no fault of the caller: what the answer depends on cannot be asked
 * now, nothing was done, and the same request may succeed later. `overloaded` (429) is no fault
 * either: more comes than can be worked on, nothing was done, and the same request will succeed
 * after a pause.
 */
export type ErrorKind =
  'invalid' | 'not-found' | 'conflict' | 'forbidden' | 'unavailable' | 'overloaded';

/**
 * The caller asked for something that cannot be done. `code` is SCREAMING_SNAKE and listed in
 * docs/errors.md; `details` never holds personal data: it is logged and returned.
 */
export class DomainError extends Error {
  constructor(
    readonly code: string,
    readonly kind: ErrorKind,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${code} ${JSON.stringify(details)}`);
    this.name = 'DomainError';
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

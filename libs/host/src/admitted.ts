import type { Scope, Subject } from '@caretab/access';

/** Who sends a request, and whose things it may be about: `{}` is everyone's. */
export interface Admitted {
  readonly subject: Subject;
  readonly scopes: readonly Scope[];
  /** The policies that permit it. */
  readonly policyIds: readonly string[];
  /** The approval that the request carries. */
  readonly approval?: string;
  /** The other person whose approval the request carries. */
  readonly approvedBy?: string;
}

const admitted = new WeakMap<object, Admitted>();

export const admit = (request: object, who: Admitted): void => void admitted.set(request, who);

/** Of a request to a route that is not public, after the guard. */
export const admittedOf = (request: object): Admitted | undefined => admitted.get(request);

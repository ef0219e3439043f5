import type { Authenticator, Credentials, Subject } from '@caretab/access';
import { DomainError } from '@caretab/kernel';

/** As much of a request as says who sends it. */
export interface Calling {
  readonly headers: { readonly authorization?: string | undefined };
}

/** Whether it carries any; `Bearer` alone is none. */
export const hasCredential = ({ headers: { authorization = '' } }: Calling): boolean =>
  !/^(Bearer\s*)?$/.test(authorization);

type Known = Subject | undefined | Promise<Subject | undefined>;

/** Finds who sends a request: asks the authenticators in turn, once a request. */
export class Callers {
  private readonly authenticators: Authenticator[] = [];
  private readonly known = new WeakMap<Calling, { readonly subject: Known }>();

  add(authenticator: Authenticator): this {
    this.authenticators.push(authenticator);
    return this;
  }

  /**
   * Undefined without a credential. Throws UNAUTHENTICATED (unauthenticated) for one that is not known,
   * and what an authenticator throws.
   */
  subjectOf(request: Calling): Known {
    const known = this.known.get(request);
    if (known) return known.subject;
    const subject = this.ask(request, { authorization: request.headers.authorization }, 0);
    this.known.set(request, { subject });
    return subject;
  }

  private ask(request: Calling, credentials: Credentials, from: number): Known {
    for (let index = from; index < this.authenticators.length; index++) {
      const found = this.authenticators[index]!.subjectOf(credentials);
      if (found instanceof Promise)
        return found.then((subject) => subject ?? this.ask(request, credentials, index + 1));
      if (found) return found;
    }
    if (!hasCredential(request)) return undefined;
    throw new DomainError('UNAUTHENTICATED', 'unauthenticated');
  }
}

import { decide, scopesOf, scopesOn, type Subject } from '@caretab/access';
import type { Route } from '@caretab/contracts';
import { assert, DomainError } from '@caretab/kernel';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { admit, type Admitted } from './admitted';
import { type Callers, type Calling, hasCredential } from './callers';
import { routeOf } from './handles';
import { type AboutThing, resourceOf } from './resource-of';

interface Asked extends Calling, AboutThing {}

/** Called for each request that is not let in, with who sent it where that is known. */
export type Refused = (route: Route, request: Asked, subject: Subject | undefined) => void;

/** Who may do more without a credential than others is still asked for one first. */
const refusal = (request: Asked, action: string, why: string): DomainError =>
  hasCredential(request)
    ? new DomainError('ACCESS_FORBIDDEN', 'forbidden', { action, why })
    : new DomainError('UNAUTHENTICATED', 'unauthenticated');

const needsSecondFactor = (action: string): DomainError =>
  new DomainError('SECOND_FACTOR_NEEDED', 'forbidden', {
    action,
    remedy: 'sign in with your code: caretab sign-in',
  });

/**
 * Lets a request in where a policy permits its subject its route's action on what it is about. Throws
 * UNAUTHENTICATED without a credential that is known, ACCESS_FORBIDDEN, and SECOND_FACTOR_NEEDED.
 */
export class AccessGuard implements CanActivate {
  constructor(
    private readonly callers: Callers,
    private readonly refused: Refused = () => undefined,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const route = routeOf(context.getHandler());
    assert(route, 'every handler is bound to a route');
    const request = context.switchToHttp().getRequest<Asked>();
    // Who may ask for it need not say who they are, and a credential that is unknown changes nothing.
    if (decide(undefined, route.action, resourceOf(route, request)).allowed) return true;
    const unknown = (error: unknown): never => {
      if (isUnauthenticated(error)) this.refused(route, request, undefined);
      throw error;
    };
    let subject: ReturnType<Callers['subjectOf']>;
    try {
      subject = this.callers.subjectOf(request);
    } catch (error) {
      return unknown(error);
    }
    return subject instanceof Promise
      ? subject.then((known) => this.judge(route, request, known), unknown)
      : this.judge(route, request, subject);
  }

  private judge(route: Route, request: Asked, subject: Subject | undefined): true {
    const { scopes, policyIds, refusal } = judged(route, request, subject);
    if (refusal) {
      this.refused(route, request, subject);
      throw refusal;
    }
    admit(request, { subject: subject!, scopes, policyIds });
    return true;
  }
}

const isUnauthenticated = (error: unknown): boolean =>
  error instanceof DomainError && error.code === 'UNAUTHENTICATED';

interface Judged extends Pick<Admitted, 'scopes' | 'policyIds'> {
  readonly refusal?: DomainError;
}
const no = (refusal: DomainError): Judged => ({ scopes: [], policyIds: [], refusal });

/** What policies permit a subject; undefined: nothing that is asked for. */
const permitted = (route: Route, request: Asked, subject: Subject): Judged | undefined => {
  if (route.whose === 'scoped') {
    const found = scopesOf(subject, route.action);
    return found.scopes.length > 0 ? found : undefined;
  }
  const thing = resourceOf(route, request);
  const { allowed, policyIds } = decide(subject, route.action, thing);
  return allowed ? { scopes: scopesOn(subject, route.action, thing), policyIds } : undefined;
};

const judged = (route: Route, request: Asked, subject: Subject | undefined): Judged => {
  if (!subject) return no(new DomainError('UNAUTHENTICATED', 'unauthenticated'));
  const found = permitted(route, request, subject);
  if (found) return found;
  const { action, whose } = route;
  if (permitted(route, request, { ...subject, hasSecondFactor: true }))
    return no(needsSecondFactor(action));
  const about = whose === 'scoped' ? '' : ' on this';
  return no(refusal(request, action, `no policy permits it to you${about}`));
};

import { decide, type Resource, scopesOf, type Subject } from '@caretab/access';
import type { FieldPath, Route } from '@caretab/contracts';
import { assert, DomainError } from '@caretab/kernel';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { admit } from './admitted';
import { type Callers, type Calling, hasCredential } from './callers';
import { routeOf } from './handles';

/** As much of a request as the policies look at. */
interface Asked extends Calling {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

/** What is no text names no one; the check of the request refuses it. */
const textAt = (request: Asked, path: FieldPath): string | undefined => {
  const [part, field] = path.split('.') as [keyof Asked, string];
  const value = (request[part] as Readonly<Record<string, unknown>> | null | undefined)?.[field];
  return typeof value === 'string' ? value : undefined;
};

/** The institution of a visit, as its id begins. */
const institutionOfVisit = (visitId: string): string | undefined =>
  /^([A-Z0-9]{2,20})-/.exec(visitId)?.[1];

/** Whose thing a request is about, as its route says. */
export const resourceOf = ({ whose }: Route, request: Asked): Resource => {
  if (typeof whose === 'string') return { isPublic: whose === 'public' };
  const visit = whose.visit && textAt(request, whose.visit);
  return {
    institution: whose.institution
      ? textAt(request, whose.institution)
      : visit && institutionOfVisit(visit),
    person: whose.person && textAt(request, whose.person),
  };
};

/** Who may do more without a credential than others is still asked for one first. */
const refusal = (request: Asked, action: string, why: string): DomainError =>
  hasCredential(request)
    ? new DomainError('ACCESS_FORBIDDEN', 'forbidden', { action, why })
    : new DomainError('UNAUTHENTICATED', 'unauthenticated');

const needsSecondFactor = (action: string): DomainError =>
  new DomainError('SECOND_FACTOR_NEEDED', 'forbidden', {
    action,
    remedy: 'sign in with password and one-time code',
  });

/**
 * Lets a request in where a policy permits its subject its route's action on what it is about. Throws
 * UNAUTHENTICATED without a credential that is known, and ACCESS_FORBIDDEN.
 */
export class AccessGuard implements CanActivate {
  constructor(private readonly callers: Callers) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const route = routeOf(context.getHandler());
    assert(route, 'every handler is bound to a route');
    const request = context.switchToHttp().getRequest<Asked>();
    // Who may ask for it need not say who they are, and a credential that is unknown changes nothing.
    if (decide(undefined, route.action, resourceOf(route, request)).allowed) return true;
    const subject = this.callers.subjectOf(request);
    return subject instanceof Promise
      ? subject.then((known) => this.judge(route, request, known))
      : this.judge(route, request, subject);
  }

  private judge(route: Route, request: Asked, subject: Subject | undefined): true {
    if (!subject) throw new DomainError('UNAUTHENTICATED', 'unauthenticated');
    const { action } = route;
    const scopes = route.whose === 'scoped' ? scopesOf(subject, action).scopes : [];
    if (route.whose === 'scoped') {
      if (scopes.length === 0) throw refusal(request, action, 'no policy permits it to you');
    } else if (!decide(subject, action, resourceOf(route, request)).allowed) {
      const withSecond = { ...subject, hasSecondFactor: true };
      if (decide(withSecond, action, resourceOf(route, request)).allowed)
        throw needsSecondFactor(action);
      throw refusal(request, action, 'no policy permits it to you on this');
    }
    admit(request, { subject, scopes });
    return true;
  }
}

import { hash, timingSafeEqual } from 'node:crypto';
import { assert, DomainError } from '@caretab/kernel';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { routeOf } from './handles';

/** Digests have one length whatever was given, so the comparison does not leak the key's length. */
const same = (given: string, expected: string): boolean =>
  timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'));

export interface AccessKeys {
  readonly operatorKey?: string | undefined;
  readonly internalToken: string;
}

/**
 * Enforces each route's `access`. Operators' routes need the operator key or the internal token;
 * without an operator key they are open, which the platform allows on the loopback interface only.
 * Internal routes need the internal token. Hospitals' routes check their own keys.
 */
export class AccessGuard implements CanActivate {
  constructor(private readonly keys: AccessKeys) {
    assert(keys.internalToken.length >= 16, 'the internal token is known');
  }

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const route = routeOf(context.getHandler());
    assert(route, 'every handler is bound to a route');
    if (route.access !== 'operator' && route.access !== 'internal') return true;
    const { operatorKey, internalToken } = this.keys;
    const { headers } = context.switchToHttp().getRequest<Request>();
    const given = (headers.authorization ?? '').replace(/^Bearer /, '');
    if (same(given, internalToken)) return true;
    if (route.access === 'internal') throw new DomainError('INTERNAL_TOKEN_NEEDED', 'forbidden');
    if (!operatorKey || same(given, operatorKey)) return true;
    throw new DomainError('OPERATOR_KEY_NEEDED', 'forbidden', {
      how: 'Authorization: Bearer <OPERATOR_KEY>',
    });
  }
}

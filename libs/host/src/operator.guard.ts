import { hash, timingSafeEqual } from 'node:crypto';
import { DomainError } from '@caretab/kernel';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

const OPEN = ['/health', '/docs', '/errors', '/v1/'];

/**
 * Digests have one length, whatever was given: nothing is told about the key, not even how long it
 * is.
 */
const same = (given: string, expected: string): boolean =>
  timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'));

/**
 * Operators' routes need the operator key or the platform's own token. Without an operator key they
 * are open, which the platform only allows while it listens on the loopback interface. `/v1` is the
 * partners' door and checks its own keys.
 */
export class OperatorGuard implements CanActivate {
  constructor(
    private readonly keys: {
      readonly operatorKey?: string | undefined;
      readonly internalToken: string;
    },
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http' || !this.keys.operatorKey) return true;
    const request = context.switchToHttp().getRequest<Request>();
    if (OPEN.some((path) => request.path.startsWith(path))) return true;
    const given = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    if (same(given, this.keys.operatorKey) || same(given, this.keys.internalToken)) return true;
    throw new DomainError('OPERATOR_KEY_NEEDED', 'forbidden', {
      how: 'Authorization: Bearer <OPERATOR_KEY>',
    });
  }
}

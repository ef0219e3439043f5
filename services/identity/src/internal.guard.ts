import { assert, DomainError } from '@caretab/kernel';
import { sameSecret } from '@caretab/security';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';

export const INTERNAL_TOKEN = Symbol('internal token');

/**
 * Lets only the platform's own services through: `Authorization: Bearer <INTERNAL_TOKEN>`. Throws
 * INTERNAL_TOKEN_NEEDED (forbidden).
 */
@Injectable()
export class InternalGuard implements CanActivate {
  constructor(@Inject(INTERNAL_TOKEN) private readonly token: string) {
    // Nest would also build a guard without its token; then "Bearer undefined" would open the door.
    assert(typeof token === 'string' && token.length >= 16, 'the internal token is known');
  }

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context
      .switchToHttp()
      .getRequest<{ headers: { authorization?: string } }>();
    if (sameSecret(headers.authorization ?? '', `Bearer ${this.token}`)) return true;
    throw new DomainError('INTERNAL_TOKEN_NEEDED', 'forbidden');
  }
}

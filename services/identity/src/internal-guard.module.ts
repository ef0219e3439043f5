import { DomainError } from '@caretab/kernel';
import { sameSecret } from '@caretab/security';
import type { CanActivate, ExecutionContext } from '@nestjs/common';

/** Lets only the platform's own services through: `Authorization: Bearer <INTERNAL_TOKEN>`. Throws INTERNAL_TOKEN_NEEDED (forbidden). */
export class InternalGuard implements CanActivate {
  constructor(private readonly token: string) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: { authorization?: string } }>();
    if (sameSecret(headers.authorization ?? '', `Bearer ${this.token}`)) return true;
    throw new DomainError('INTERNAL_TOKEN_NEEDED', 'forbidden');
  }
}

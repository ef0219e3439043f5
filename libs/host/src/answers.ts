import { Reply, type Route, type SuccessStatus } from '@caretab/contracts';
import { DomainError, type ErrorDetail } from '@caretab/kernel';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';
import { routeOf } from './handles';
import { checkOf } from './valid';

type Check = (value: unknown) => readonly ErrorDetail[];

/**
 * Sets the status that a Reply names. Where answers are checked (tests, HTTP_RESPONSE_CHECK), an
 * answer that does not fit its route's closed schema becomes RESPONSE_VIOLATES_CONTRACT (internal).
 */
export class AnswersInterceptor implements NestInterceptor {
  private readonly checks = new Map<object, Check>();

  constructor(private readonly isChecked: boolean) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const route = context.getType() === 'http' ? routeOf(context.getHandler()) : undefined;
    if (!route || route.lines) return next.handle();
    return next.handle().pipe(
      map((answer: unknown) => {
        const response = context.switchToHttp().getResponse<Response>();
        if (answer instanceof Reply) response.status(answer.status);
        const body: unknown = answer instanceof Reply ? answer.body : answer;
        if (this.isChecked) this.check(route, response.statusCode as SuccessStatus, body);
        return body;
      }),
    );
  }

  private check(route: Route, status: SuccessStatus, body: unknown): void {
    const schema = route.responses[status];
    if (schema === undefined)
      throw new DomainError('RESPONSE_VIOLATES_CONTRACT', 'internal', {
        action: route.action,
        status,
      });
    if (schema === null || route.contentType) return;
    let check = this.checks.get(schema);
    if (!check) this.checks.set(schema, (check = checkOf(schema)));
    const faults = check(JSON.parse(JSON.stringify(body)));
    if (faults.length > 0)
      throw new DomainError('RESPONSE_VIOLATES_CONTRACT', 'internal', {
        action: route.action,
        faults,
      });
  }
}

import type { Route } from '@caretab/contracts';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { AccessLog } from './access-log';
import { routeOf } from '../handles';

/** Records around the handlers of HTTP, behind four eyes and before the answer goes out. */
export class RecordInterceptor implements NestInterceptor {
  constructor(private readonly log: AccessLog) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const route: Route = routeOf(context.getHandler())!;
    const request = context.switchToHttp().getRequest<Request>();
    if (!this.log.watches(route, request)) return next.handle();
    return from(this.log.around(route, request, () => lastValueFrom(next.handle())));
  }
}

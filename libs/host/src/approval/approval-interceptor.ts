import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { FourEyes } from './four-eyes';

/** Four eyes around the handlers of HTTP. */
export class ApprovalInterceptor implements NestInterceptor {
  constructor(private readonly fourEyes: FourEyes) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const handler = context.getHandler();
    if (context.getType() !== 'http' || !this.fourEyes.watches(handler)) return next.handle();
    const request = context.switchToHttp().getRequest<Request>();
    return from(this.fourEyes.around(handler, request, () => lastValueFrom(next.handle())));
  }
}

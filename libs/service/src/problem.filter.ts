import { DomainError, type ErrorKind } from '@caretab/kernel';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { Response } from 'express';

const STATUS: Readonly<Record<ErrorKind, number>> = { invalid: 400, 'not-found': 404, conflict: 409, forbidden: 403, unavailable: 503 };

/** An RFC 9457 problem. `type` points into docs/errors.md, `code` is the stable name. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly [detail: string]: unknown;
}

const titleOf = (code: string): string => code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ');

/** Maps whatever a controller throws to a problem; what we did not foresee says nothing about its cause to the caller. */
export const problemOf = (thrown: unknown): Problem => {
  if (thrown instanceof DomainError) {
    // Details come first: one that happens to be named `status` or `type` must not replace the problem's own.
    return { ...thrown.details, type: `/errors#${thrown.code}`, title: titleOf(thrown.code), status: STATUS[thrown.kind], code: thrown.code };
  }
  if (thrown instanceof HttpException) {
    const status = thrown.getStatus();
    const code = { 400: 'REQUEST_UNREADABLE', 401: 'UNAUTHENTICATED', 404: 'ROUTE_UNKNOWN', 413: 'REQUEST_TOO_LARGE' }[status] ?? 'REQUEST_REFUSED';
    return { type: `/errors#${code}`, title: titleOf(code), status, code };
  }
  const bodyParser = thrown as { type?: string; status?: number };
  if (bodyParser?.type === 'entity.parse.failed') return { type: '/errors#NOT_JSON', title: titleOf('NOT_JSON'), status: 400, code: 'NOT_JSON' };
  if (bodyParser?.type === 'entity.too.large') return { type: '/errors#REQUEST_TOO_LARGE', title: titleOf('REQUEST_TOO_LARGE'), status: 413, code: 'REQUEST_TOO_LARGE' };
  return { type: '/errors#INTERNAL', title: 'Internal error', status: 500, code: 'INTERNAL' };
};

/** The one place where errors become HTTP answers. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly unforeseen: (error: unknown) => void) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const problem = problemOf(thrown);
    if (problem.status === 500) this.unforeseen(thrown);
    const response = host.switchToHttp().getResponse<Response>();
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}

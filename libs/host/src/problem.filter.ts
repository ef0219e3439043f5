import type { ServerResponse } from 'node:http';
import { EventStoreUnavailable } from '@caretab/event-store';
import { DomainError, type ErrorKind, systemChance } from '@caretab/kernel';
import { heldUp, outageOf } from '@caretab/store';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  'not-found': 404,
  conflict: 409,
  forbidden: 403,
  unavailable: 503,
  overloaded: 429,
};

/** An RFC 9457 problem. `type` points into docs/errors.md, `code` is the stable name. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly [detail: string]: unknown;
}

const REMEDY = 'try again later';

const titleOf = (code: string): string =>
  code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ');

const problem = (status: number, code: string): Problem => ({
  type: `urn:caretab:error:${code}`,
  title: titleOf(code),
  status,
  code,
});

const OF_STATUS: Readonly<Record<number, string>> = {
  400: 'REQUEST_UNREADABLE',
  401: 'UNAUTHENTICATED',
  404: 'ROUTE_UNKNOWN',
  413: 'REQUEST_TOO_LARGE',
};

/**
 * A detail must not pass for a member of the problem itself: one called `status` or `type` is told
 * under `details`.
 */
const withDetails = (base: Problem, details: Readonly<Record<string, unknown>>): Problem => {
  const own = Object.entries(details).filter(([name]) => !(name in base));
  const hidden = Object.entries(details).filter(([name]) => name in base);
  return {
    ...base,
    ...Object.fromEntries(own),
    ...(hidden.length > 0 && { details: Object.fromEntries(hidden) }),
  };
};

/** The status that Nest, Express or its body parser gives to a fault of the caller. */
const statusOf = (thrown: unknown): number | undefined => {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const { status } = (thrown ?? {}) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
};

/** What a service depends on is away: nobody's fault, told alike whichever adapter noticed it. */
const awayOf = (thrown: unknown): DomainError | undefined => {
  if (thrown instanceof EventStoreUnavailable)
    return new DomainError('EVENT_STORE_UNAVAILABLE', 'unavailable', {
      why: 'the event store does not answer',
      remedy: REMEDY,
    });
  if (heldUp(thrown))
    return new DomainError('DATABASE_BUSY', 'unavailable', {
      why: 'the database did not get to it in time',
      remedy: REMEDY,
    });
  return outageOf(thrown);
};

/**
 * Maps whatever a controller throws to a problem; what we did not foresee says nothing about its
 * cause to the caller.
 */
export const problemOf = (from: unknown): Problem => {
  const thrown = awayOf(from) ?? from;
  if (thrown instanceof DomainError)
    return withDetails(problem(STATUS[thrown.kind], thrown.code), thrown.details);
  const status = statusOf(thrown);
  if (status === undefined || status === 500)
    return { ...problem(500, 'INTERNAL'), title: 'Internal error' };
  return problem(status, OF_STATUS[status] ?? 'REQUEST_REFUSED');
};

/** Whole seconds after which the caller may come again, unless the error knows better. */
const COME_AGAIN_S: Readonly<Record<number, number>> = { 429: 1, 503: 2 };

/**
 * What `Retry-After` says of an answer that asks the caller to come again; up to twice the time, so
 * that all who were sent away do not come back at once.
 */
const retryAfterOf = (
  { status, retryAfterSeconds }: Problem,
  chance: number,
): number | undefined => {
  const least = typeof retryAfterSeconds === 'number' ? retryAfterSeconds : COME_AGAIN_S[status];
  return least === undefined ? undefined : least + Math.floor(chance * (least + 1));
};

/** Express middleware: Nest would tell a body that is no JSON as any other bad request. */
export const brokenBody = (
  error: unknown,
  _request: Request,
  _response: Response,
  next: NextFunction,
): void =>
  next(
    (error as { type?: unknown } | undefined)?.type === 'entity.parse.failed'
      ? new DomainError('NOT_JSON', 'invalid')
      : error,
  );

/** The one place where errors become HTTP answers. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  /** `chance`: in [0, 1), spreads those who are asked to come again. */
  constructor(
    private readonly unforeseen: (error: unknown) => void,
    private readonly chance: () => number = systemChance,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    this.answer(thrown, host.switchToHttp().getResponse<Response>());
  }

  answer(thrown: unknown, response: Response): void {
    const answer = problemOf(thrown);
    if (answer.status === 500) this.unforeseen(thrown);
    response.locals['code'] = answer.code; // For the log of requests.
    // Half an answer is out: the caller must not take it for a whole one.
    if (response.headersSent) return void response.destroy();
    const { body, retryAfterSeconds } = this.told(answer);
    if (retryAfterSeconds !== undefined)
      response.setHeader('Retry-After', String(retryAfterSeconds));
    response.status(answer.status).type('application/problem+json').send(body);
  }

  /** The same answer without Express, for those who are sent away by the thousand. */
  answerAtOnce(thrown: DomainError, response: ServerResponse): void {
    const answer = problemOf(thrown);
    const { body, retryAfterSeconds } = this.told(answer);
    const again =
      retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
    response
      .writeHead(answer.status, {
        'Content-Type': 'application/problem+json; charset=utf-8',
        'Content-Length': Buffer.byteLength(body),
        ...again,
      })
      .end(body);
  }

  private told(answer: Problem): {
    readonly body: string;
    readonly retryAfterSeconds: number | undefined;
  } {
    const retryAfterSeconds = retryAfterOf(answer, this.chance());
    return {
      body: JSON.stringify({
        ...answer,
        ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      }),
      retryAfterSeconds,
    };
  }
}

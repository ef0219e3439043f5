import type { ServerResponse } from 'node:http';
import { EventStoreUnavailable } from '@caretab/event-store';
import { type Problem, STATUS_OF_KIND } from '@caretab/contracts';
import { detailsOf, DomainError, systemChance } from '@caretab/kernel';
import { heldUp, outageOf } from '@caretab/store';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

const REMEDY = 'try again later';

const titleOf = (code: string): string =>
  code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ');

/** What Nest, Express and its body parser refuse, by the status that they give it. */
const REFUSALS: Readonly<Record<number, DomainError>> = {
  400: new DomainError('REQUEST_UNREADABLE', 'invalid'),
  401: new DomainError('UNAUTHENTICATED', 'unauthenticated'),
  404: new DomainError('ROUTE_UNKNOWN', 'not-found'),
  413: new DomainError('REQUEST_TOO_LARGE', 'too-large'),
};
const REFUSED = new DomainError('REQUEST_REFUSED', 'invalid');
const UNHANDLED = new DomainError('INTERNAL', 'internal');

const problem = (error: DomainError, status = STATUS_OF_KIND[error.kind]): Problem => ({
  type: `urn:caretab:error:${error.code}`,
  title: error.kind === 'internal' ? 'Internal error' : titleOf(error.code),
  status,
  code: error.code,
  // Details of our own faults may say more than a caller should know: they are logged.
  details: error.kind === 'internal' ? [] : detailsOf(error),
});

/** The status that Nest, Express or its body parser gives to a fault of the caller. */
const statusOf = (thrown: unknown): number | undefined => {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const { status } = (thrown ?? {}) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
};

/** A dependency is down: one answer for every adapter that notices it. */
const awayOf = (thrown: unknown): DomainError | undefined => {
  if (thrown instanceof EventStoreUnavailable)
    return new DomainError('EVENT_STORE_UNAVAILABLE', 'unavailable', {
      why: 'the event store does not answer',
      remedy: REMEDY,
    });
  if (heldUp(thrown))
    return new DomainError('DATABASE_BUSY', 'unavailable', {
      why: 'the database did not answer within the statement timeout',
      remedy: REMEDY,
    });
  return outageOf(thrown);
};

/** Some errors know after how many seconds the caller may come again. */
const withPause = (base: Problem, { details }: DomainError): Problem => {
  const { retryAfterSeconds } = details;
  if (typeof retryAfterSeconds !== 'number') return base;
  const facts = base.details.filter(({ field }) => field !== 'retryAfterSeconds');
  return { ...base, details: facts, retryAfterSeconds };
};

/**
 * Maps what a controller throws to a problem. An unhandled error shows the caller nothing of its
 * cause.
 */
export const problemOf = (from: unknown): Problem => {
  const thrown = awayOf(from) ?? from;
  if (thrown instanceof DomainError) return withPause(problem(thrown), thrown);
  const status = statusOf(thrown);
  if (status === undefined || status === 500) return problem(UNHANDLED);
  return problem(REFUSALS[status] ?? REFUSED, status);
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

/** Express middleware: Nest would report a body that is no JSON as any other bad request. */
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
    private readonly unhandled: (error: unknown) => void,
    private readonly chance: () => number = systemChance,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    this.answer(thrown, host.switchToHttp().getResponse<Response>());
  }

  answer(thrown: unknown, response: Response): void {
    const answer = problemOf(thrown);
    if (answer.status === 500) this.unhandled(thrown);
    response.locals['code'] = answer.code; // For the log of requests.
    // Half an answer is out: the caller must not take it for a whole one.
    if (response.headersSent) return void response.destroy();
    const { body, retryAfterSeconds } = this.answerOf(answer);
    if (retryAfterSeconds !== undefined)
      response.setHeader('Retry-After', String(retryAfterSeconds));
    response.status(answer.status).type('application/problem+json').send(body);
  }

  /** The same answer without Express, for those who are sent away by the thousand. */
  answerAtOnce(thrown: DomainError, response: ServerResponse): void {
    const answer = problemOf(thrown);
    const { body, retryAfterSeconds } = this.answerOf(answer);
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

  private answerOf(answer: Problem): {
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

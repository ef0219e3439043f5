import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { DomainError } from '@caretab/kernel';
import type { NextFunction, Request, Response } from 'express';
import type { ProblemFilter } from './problem.filter';
import type { Doorkeeper } from './service';

/**
 * Asks the services about each request before its body is read. Excess requests are rejected here,
 * before Express and Nest: shedding must cost a small part of serving, or a flood would take the
 * CPU of accepted requests. Other requests continue; other refusals are answered and logged as
 * usual.
 */
export class Doorkeepers {
  private readonly keepers: Doorkeeper[] = [];
  private readonly refused = new WeakMap<IncomingMessage, { readonly error: unknown }>();

  constructor(private readonly problems: ProblemFilter) {}

  add(keeper: Doorkeeper): void {
    this.keepers.push(keeper);
  }

  /** What the server listens with, given what it would listen with otherwise. */
  inFrontOf(inside: RequestListener): RequestListener {
    return (request, response) => {
      const asked = this.keepers
        .map((keeper) => keeper(request, response))
        .filter((answer) => answer !== undefined);
      if (asked.length === 0) return inside(request, response);
      Promise.all(asked).then(
        () => (response.closed ? undefined : inside(request, response)),
        (error: unknown) => this.turnAway(error, request, response, inside),
      );
    };
  }

  /** Express middleware, first of all that answer: answers the refusals that continued. */
  readonly answerRefusals = (request: Request, response: Response, next: NextFunction): void => {
    const refusal = this.refused.get(request);
    if (refusal) this.problems.answer(refusal.error, response);
    else next();
  };

  private turnAway(
    error: unknown,
    request: IncomingMessage,
    response: ServerResponse,
    inside: RequestListener,
  ): void {
    if (error instanceof DomainError && error.kind === 'overloaded')
      return this.problems.answerAtOnce(error, response);
    this.refused.set(request, { error });
    inside(request, response);
  }
}

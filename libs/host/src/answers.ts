import { Reply, type Route, type SuccessStatus } from '@caretab/contracts';
import { DomainError, type ErrorDetail } from '@caretab/kernel';
import type { Response } from 'express';
import { checkOf } from './valid';

type Check = (value: unknown) => readonly ErrorDetail[];

/**
 * Sets the status that a Reply names. Where answers are checked (tests, HTTP_RESPONSE_CHECK), an
 * answer that does not fit its route's closed schema becomes RESPONSE_VIOLATES_CONTRACT (internal).
 */
export class Answers {
  private readonly checks = new Map<object, Check>();

  constructor(private readonly isChecked: boolean) {}

  /** Gives the body of a handler's answer. */
  bodyOf(route: Route, answer: unknown, response: Response): unknown {
    if (route.lines) return answer;
    if (answer instanceof Reply) response.status(answer.status);
    const body: unknown = answer instanceof Reply ? answer.body : answer;
    if (this.isChecked) this.check(route, response.statusCode as SuccessStatus, body);
    return body;
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

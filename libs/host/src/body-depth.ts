import { DomainError } from '@caretab/kernel';
import type { NextFunction, Request, Response } from 'express';

/** Our deepest body has eight; what walks a value by calling itself dies at some thousands. */
const DEPTH_MAX = 32;

/** Whether a JSON value is nested deeper than any body of ours. Itself not recursive. */
export const isTooDeep = (value: unknown): boolean => {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEPTH_MAX) return true;
    level = level.flatMap((one) =>
      typeof one === 'object' && one !== null ? Object.values(one as object) : [],
    );
  }
  return false;
};

/** Throws REQUEST_INVALID (invalid) for a body that is nested too deep. */
export const checkDepth = (body: unknown, field = '/'): void => {
  if (isTooDeep(body))
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      field,
      why: `it is nested deeper than ${DEPTH_MAX}`,
      remedy: 'send the body as the route describes it',
    });
};

/** Express middleware, behind the body parser. */
export const boundedDepth = (request: Request, _response: Response, next: NextFunction): void => {
  checkDepth(request.body);
  next();
};

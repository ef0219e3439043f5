import type { Route } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import type { Request, Response } from 'express';
import type { AccessLog } from './access-records';
import type { Answers } from './answers';
import type { FourEyes } from './approval';
import { inputOf } from './handles';

/** What is done around each handler of HTTP for a request that was let in, from the outside in. */
export interface Surroundings {
  readonly fourEyes: FourEyes;
  readonly accessLog: AccessLog;
  readonly answers: Answers;
}

type Method = (...given: readonly unknown[]) => unknown;

/**
 * Puts a controller's handler among its surroundings. Nest calls it in the place of the handler, with
 * the request. Interceptors of Nest would do the same, for as much CPU as all the rest of a request.
 */
export const surround = (
  controller: object,
  name: string,
  route: Route,
  { fourEyes, accessLog, answers }: Surroundings,
): void => {
  const handler = (controller as Record<string, Method>)[name]!;
  const surrounded = (request: Request, ...rest: readonly unknown[]): Promise<unknown> => {
    const handled = async (): Promise<unknown> => {
      const answer = await handler.call(controller, inputOf(handler, request), ...rest);
      return answers.bodyOf(route, answer, request.res as Response);
    };
    const recorded = (): Promise<unknown> =>
      accessLog.watches(route, request) ? accessLog.around(route, request, handled) : handled();
    return fourEyes.watches(handler) ? fourEyes.around(handler, request, recorded) : recorded();
  };
  for (const key of Reflect.getMetadataKeys(handler) as unknown[])
    Reflect.defineMetadata(key, Reflect.getMetadata(key, handler), surrounded);
  const isPut = Reflect.defineProperty(controller, name, { value: surrounded });
  assert(isPut, 'a handler is surrounded once');
};

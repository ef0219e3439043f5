import {
  type Route,
  type RouteAnswer,
  type RouteInput,
  type SuccessStatus,
  statusesOf,
} from '@caretab/contracts';
import type { Scope, Subject } from '@caretab/access';
import { DomainError, type ErrorDetail } from '@caretab/kernel';
import {
  createParamDecorator,
  type ExecutionContext,
  Header,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
} from '@nestjs/common';
import type { TSchema } from '@sinclair/typebox';
import type { Request } from 'express';
import { type Admitted, admittedOf } from './admitted';
import { checkOf } from './valid';

const ROUTE = 'caretab:route';
const READ = 'caretab:read';

/** What a handler is given: each declared part, checked, with who sent it and for whose things. */
export type Asked<R extends Route> = RouteInput<R> & Omit<Admitted, 'policyIds'>;

/** A request as it came, for a handler that checks it itself. */
export interface RawInput {
  readonly subject: Subject;
  readonly scopes: readonly Scope[];
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: unknown;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

type Answering<R extends Route, Input> = (
  input: Input,
  ...rest: any[]
) => RouteAnswer<R> | Promise<RouteAnswer<R>>;
type Binding<R extends Route, Input> = <Handler extends Answering<R, Input>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Handler>,
) => void;

/** The route that a controller's method handles. */
export const routeOf = (handler: object): Route | undefined =>
  Reflect.getMetadata(ROUTE, handler) as Route | undefined;

/**
 * What a handler is given of a request. Throws REQUEST_INVALID (invalid) where that does not fit the
 * handler's route.
 */
export const inputOf = (handler: object, request: object): unknown => {
  const read = Reflect.getMetadata(READ, handler) as (raw: RawInput) => unknown;
  return read(rawOf(request as Request));
};

/** `/credit/accounts/{personId}` → `/credit/accounts/:personId`. */
const nestPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

const rawOf = (request: Request): RawInput => ({
  params: request.params as RawInput['params'],
  query: request.query,
  body: request.body as unknown,
  headers: request.headers as RawInput['headers'],
  // Absent for a public route, whose handler asks for neither.
  ...(admittedOf(request) as Admitted),
});

const bind =
  <R extends Route, Input>(route: R, read: (raw: RawInput) => unknown): Binding<R, Input> =>
  (target, key, descriptor) => {
    const decorators = [
      RequestMapping({ path: nestPath(route.path), method: RequestMethod[route.method] }),
      HttpCode(statusesOf(route)[0] as SuccessStatus),
      SetMetadata(ROUTE, route),
      SetMetadata(READ, read),
      ...(route.contentType ? [Header('Content-Type', `${route.contentType}; charset=utf-8`)] : []),
    ];
    for (const decorator of decorators) decorator(target, key, descriptor);
    // What stands around the handler reads it: see `surround`.
    const Unread = createParamDecorator((_: unknown, context: ExecutionContext) =>
      context.switchToHttp().getRequest<Request>(),
    );
    Unread()(target, key, 0);
  };

/**
 * Binds a controller's method to a route of contracts: path, status and the check of parameters,
 * query and body. The method's first parameter is an Asked; its result is a RouteAnswer. A
 * request that does not fit is answered with REQUEST_INVALID (invalid), naming up to ten fields.
 */
export const Handles = <R extends Route>(route: R): Binding<R, Asked<R>> => {
  const part = (schema: TSchema | undefined): ((value: unknown) => readonly ErrorDetail[]) =>
    schema ? checkOf(schema) : () => [];
  const [params, query, body] = [part(route.params), part(route.query), part(route.body)];
  return bind(route, (raw) => {
    const given = route.bodyOptional ? { ...raw, body: raw.body ?? {} } : raw;
    const faults = [...params(given.params), ...query(given.query), ...body(given.body)];
    if (faults.length > 0) throw new DomainError('REQUEST_INVALID', 'invalid', { faults });
    return given;
  });
};

/** As Handles, for a handler that checks the request itself, because it keeps what it refuses. */
export const HandlesUnchecked = <R extends Route>(route: R): Binding<R, RawInput> =>
  bind(route, (raw) => raw);

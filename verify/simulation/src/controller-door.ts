import { Reply as RouteReply } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import {
  AccessGuard,
  admit,
  admittedOf,
  type Callers,
  inputOf,
  problemOf,
  routeOf,
} from '@caretab/host';
import type { ExecutionContext, PipeTransform, Type } from '@nestjs/common';
import 'reflect-metadata';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Argument {
  readonly index: number;
  readonly data?: string;
  readonly pipes: readonly unknown[];
  /** Of a decorator of our own: the request, of which the input of a route is read. */
  readonly factory?: (data: unknown, context: unknown) => unknown;
}

interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly controller: Type<object>;
  readonly handler: string;
}

/** As Nest numbers them in its metadata: RequestMethod and RouteParamtypes. */
const METHODS: Readonly<Record<number, string>> = { 0: 'GET', 1: 'POST', 2: 'PUT', 3: 'DELETE' };
const [RESPONSE, BODY, QUERY, PARAM, HEADERS] = ['1', '3', '4', '5', '6'];

const routesOf = (controller: Type<object>): Route[] => {
  const prefix = Reflect.getMetadata('path', controller) as string;
  const methods = Object.getOwnPropertyNames(controller.prototype).map(
    (name) => [name, controller.prototype[name] as object] as const,
  );
  return methods.flatMap(([handler, method]) => {
    if (typeof method !== 'function' || !Reflect.hasMetadata('path', method)) return [];
    const path = `/${prefix}/${Reflect.getMetadata('path', method) as string}`
      .replace(/\/+/g, '/')
      .replace(/(.)\/$/, '$1');
    const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
    return [
      {
        method: METHODS[Reflect.getMetadata('method', method) as number]!,
        pattern: new RegExp(`^${path.replace(/:\w+/g, '([^/]+)')}$`),
        names,
        controller,
        handler,
      },
    ];
  });
};

/**
 * The HTTP door of a service without a socket: finds the route, lets the pipes check, calls the
 * controller, says errors as the chassis does. Who may do it is judged by the chassis' own guard.
 */
export class ControllerDoor {
  private readonly routes: readonly Route[];
  private readonly guard: AccessGuard;

  constructor(
    controllers: readonly Type<object>[],
    private readonly get: (controller: Type<object>) => object,
    callers: Callers,
  ) {
    this.guard = new AccessGuard(callers);
    // A route without a parameter goes before one that would take it for a value.
    this.routes = controllers.flatMap(routesOf).sort((a, b) => a.names.length - b.names.length);
  }

  async handle(request: Request): Promise<Reply> {
    const [path = '', query = ''] = request.path.split('?');
    const route = this.routes.find(
      ({ method, pattern }) => method === request.method && pattern.test(path),
    );
    if (!route) return { status: 404, body: { code: 'ROUTE_UNKNOWN' } };
    const values = route.pattern.exec(path)!.slice(1).map(decodeURIComponent);
    const params = Object.fromEntries(route.names.map((name, index) => [name, values[index]]));
    let status =
      (Reflect.getMetadata('__httpCode__', route.controller.prototype[route.handler] as object) as
        number | undefined) ?? (request.method === 'POST' ? 201 : 200);
    const sources: Readonly<Record<string, unknown>> = {
      [RESPONSE!]: { status: (code: number) => void (status = code) },
      [BODY!]: request.body,
      [PARAM!]: params,
      [HEADERS!]: request.headers ?? {},
      [QUERY!]: Object.fromEntries(new URLSearchParams(query)),
    };
    const asked = {
      ...{ params, query: sources[QUERY!], body: request.body },
      headers: request.headers ?? {},
    };
    const context = contextOf(asked, route.controller.prototype[route.handler] as object);
    try {
      await this.guard.canActivate(context);
      // Who asks here has asked another person before.
      if (routeOf(context.getHandler())?.approval)
        admit(asked, { ...admittedOf(asked)!, approvedBy: 'second-operator' });
      const controller = this.get(route.controller) as Record<
        string,
        (...values: unknown[]) => unknown
      >;
      return await called(controller, route, { sources, context, status: () => status });
    } catch (error) {
      const problem = problemOf(error);
      if (problem.status === 500 && !(error instanceof DomainError))
        return { status: 500, body: { ...problem, why: String(error) } };
      return { status: problem.status, body: problem };
    }
  }
}

/** As much of Nest's ExecutionContext as the guard and the input of a route read. */
const contextOf = (request: object, handler: object): ExecutionContext =>
  ({
    getType: () => 'http',
    getHandler: () => handler,
    switchToHttp: () => ({ getRequest: () => request }),
  }) as unknown as ExecutionContext;

interface Call {
  readonly sources: Readonly<Record<string, unknown>>;
  readonly context: object;
  readonly status: () => number;
}

const called = async (
  controller: Record<string, (...values: unknown[]) => unknown>,
  route: Route,
  { sources, context, status }: Call,
): Promise<Reply> => {
  const wanted = (Reflect.getMetadata('__routeArguments__', route.controller, route.handler) ??
    {}) as Record<string, Argument>;
  const handler = route.controller.prototype[route.handler] as object;
  const values: unknown[] = [];
  for (const [name, { index, data, pipes, factory }] of Object.entries(wanted)) {
    const [kind] = name.split(':');
    const source = sources[kind!];
    let value = factory
      ? inputOf(handler, factory(data, context) as object)
      : data === undefined
        ? source
        : (source as Record<string, unknown> | undefined)?.[data];
    for (const pipe of pipes as PipeTransform[])
      value = await pipe.transform(value, { type: 'custom' });
    values[index] = value;
  }
  const result = await controller[route.handler]!(...values);
  const [code, body] =
    result instanceof RouteReply ? [result.status, result.body] : [status(), result];
  return { status: code, body: JSON.parse(JSON.stringify(body ?? null)) as unknown };
};

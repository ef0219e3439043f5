import type { Route } from '@caretab/contracts';
import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { parsePolicies } from '@caretab/access';
import { assert } from '@caretab/kernel';
import { AccessGuard } from './access.guard';
import { AccessLog, AccessRecordsByService } from './access-records';
import { Answers } from './answers';
import type { FourEyes } from './approval';
import type { Callers } from './callers';
import { routeOf } from './handles';
import { surround } from './surround';

/** What Nest's own decorators (`@Get()`) leave on a handler. */
const NEST_PATH = 'path';

const handlersOf = (controller: { readonly prototype: object }): [string, object][] =>
  Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
    const handler = Object.getOwnPropertyDescriptor(controller.prototype, name)?.value as unknown;
    return name !== 'constructor' && typeof handler === 'function'
      ? [[name, handler] as [string, object]]
      : [];
  });

/**
 * The routes of an application. Throws where a handler is bound to none, or two to the same: such a
 * process must not start, because its access would be undefined.
 */
const routesIn = (
  app: INestApplication,
  found: (controller: object, name: string, route: Route) => void,
): readonly Route[] => {
  const routes = new Map<string, Route>();
  for (const { controllers } of app.get(ModulesContainer).values()) {
    for (const wrapper of controllers.values()) {
      const { metatype, instance } = wrapper;
      const controller = metatype as { readonly name: string; readonly prototype: object };
      for (const [name, handler] of handlersOf(controller)) {
        const route = routeOf(handler);
        const at = `${controller.name}.${name}`;
        if (!route) {
          if (Reflect.hasMetadata(NEST_PATH, handler))
            throw new Error(
              `${at} is bound to no route: use @Handles(route) with one of contracts`,
            );
          continue;
        }
        if (routes.has(route.action))
          throw new Error(`${at}: the action ${route.action} has a handler already`);
        routes.set(route.action, route);
        assert(wrapper.isDependencyTreeStatic(), `${at}: one instance answers all requests`);
        found(instance as object, name, route);
      }
    }
  }
  return [...routes.values()];
};

/**
 * Makes an application keep to its routes: who may call them, what needs two persons, what is
 * recorded, which status they answer with, and where `checksAnswers` whether answers fit their
 * schemas. Gives the routes; throws as `routesIn`.
 */
export const keepToRoutes = (
  app: INestApplication,
  {
    callers,
    checksAnswers,
    fourEyes,
    accessLog = new AccessLog(new AccessRecordsByService()),
  }: {
    readonly callers: Callers;
    readonly checksAnswers: boolean;
    readonly fourEyes: FourEyes;
    /** Without one nothing is recorded: for tests of single doors. */
    readonly accessLog?: AccessLog;
  },
): readonly Route[] => {
  parsePolicies();
  app.useGlobalGuards(new AccessGuard(callers, (...refused) => accessLog.refused(...refused)));
  const surroundings = { fourEyes, accessLog, answers: new Answers(checksAnswers) };
  return routesIn(app, (controller, name, route) =>
    surround(controller, name, route, surroundings),
  );
};

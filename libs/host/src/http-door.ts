import { AsyncResource } from 'node:async_hooks';
import type { Server } from 'node:http';
import { CannotStart, type Clock } from '@caretab/kernel';
import { isTraced, type Logger } from '@caretab/telemetry';
import type { LoggerService } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

/** The HTTP address cannot be listened on; says so in one line, with what to do. */
export class PortUnavailable extends CannotStart {
  constructor(
    readonly code: string,
    readonly port: number,
    why: string,
    options?: ErrorOptions,
  ) {
    super(why, options);
    this.name = 'PortUnavailable';
  }
}

const HELP: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken: stop what listens there, or set HTTP_PORT to another port',
  EACCES: 'may not be opened by this user: set HTTP_PORT to a port above 1023',
  EADDRNOTAVAIL: 'is not an address of this machine: set HTTP_HOST',
  ENOTFOUND: 'is not an address of this machine: set HTTP_HOST',
};

/** Throws PortUnavailable. */
export const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException): void => {
      const { code = '' } = error;
      reject(
        new PortUnavailable(code, port, `HTTP: ${host}:${port} ${HELP[code] ?? error.message}`, {
          cause: error,
        }),
      );
    };
    server.once('error', refused);
    server.listen(port, host, () => {
      server.off('error', refused);
      resolve();
    });
  });

/** Asked every few seconds by machines; they would bury the requests that mean something. */
const PROBES = /^\/(health(\/\w+)?|metrics|[a-z-]+\/backlog)$/;
/** Answers that are no defect of ours: a dependency is down, or load is shed. */
const UNAVAILABLE = 503;
const OVERLOADED = 429;

/** A failing probe is handled by its caller; shed requests are counted, not listed. */
const levelOf = (isProbe: boolean, status: number): 'debug' | 'info' | 'warn' | 'error' => {
  if (status === OVERLOADED || (isProbe && (status < 500 || status === UNAVAILABLE)))
    return 'debug';
  if (status < 500) return 'info';
  return status === UNAVAILABLE ? 'warn' : 'error';
};

/**
 * Express middleware: one line per answered request. It names the route and not the path, which may
 * hold any input.
 */
export const requestLog =
  (log: Logger, clock: Clock) =>
  (request: Request, response: Response, next: NextFunction): void => {
    const startedAtMs = clock.now().getTime();
    const isProbe = PROBES.test(request.path);
    const answered = (): void => {
      const { statusCode, writableFinished } = response;
      const route = (request.route as { path?: unknown } | undefined)?.path ?? 'none';
      const { code } = response.locals as { code?: string };
      const line = {
        method: request.method,
        route,
        status: writableFinished ? statusCode : 'broken off',
        ...(code && { code }),
        durationMs: clock.now().getTime() - startedAtMs,
      };
      log[levelOf(isProbe, statusCode)](line, 'request');
    };
    // The line belongs to the request's trace, wherever its end is noticed.
    response.once('close', isTraced() ? AsyncResource.bind(answered) : answered);
    next();
  };

/** Nest's own messages go to our log. Its notes on a successful start are dropped. */
export const nestLog = (log: Logger): LoggerService => {
  const at =
    (level: 'warn' | 'error' | 'fatal') =>
    (message: unknown): void =>
      message instanceof Error ? log[level]({ err: message }, 'nest') : log[level](String(message));
  return { log: () => undefined, warn: at('warn'), error: at('error'), fatal: at('fatal') };
};

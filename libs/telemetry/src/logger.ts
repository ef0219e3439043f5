import { trace } from '@opentelemetry/api';
import pino from 'pino';
import { describeError, maskText, redact, safeMessage } from './redaction';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** `(message)`, or `(fields, message)`; an error goes in as `{ err: error }` or alone. */
export interface LogMethod {
  (message: string): void;
  (fields: object | Error, message?: string): void;
}

export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  /** A logger that says these fields with every line. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

export interface LoggerOptions {
  /** Default `info`, or the level of `setLogLevel`. */
  readonly level?: LogLevel;
  /**
   * Where lines go; default standard error, so that standard output holds only a command's result.
   */
  readonly destination?: { write(line: string): void };
}

let level: LogLevel = 'info';

/** The level of loggers made from now on, for the process that reads it from its configuration. */
export const setLogLevel = (next: LogLevel): void => void (level = next);

/**
 * JSON lines, one per call, with the service's name and the active span's ids, and without personal
 * data or secrets.
 */
export const logger = (service: string, options: LoggerOptions = {}): Logger =>
  safeChildren(
    pino(
      {
        level: options.level ?? level,
        base: { service },
        timestamp: pino.stdTimeFunctions.isoTime,
        mixin: activeSpan,
        formatters: { level: (label) => ({ level: label }), log: redact },
        serializers: { err: describeError, error: describeError },
        hooks: { logMethod: maskMessage },
      },
      options.destination ?? standardError(),
    ),
  );

/** Pino formats a child's fields by itself, past the formatters. */
const safeChildren = (log: pino.Logger): Logger => {
  const child = log.child.bind(log);
  return Object.assign(log, {
    child: (fields: Readonly<Record<string, unknown>>) => safeChildren(child(redact(fields))),
  });
};

let shared: { write(line: string): void } | undefined;
/** Synchronous, so that the line that explains a crash is not lost in it. */
const standardError = () => (shared ??= pino.destination({ dest: 2, sync: true }));

const activeSpan = (): object => {
  const context = trace.getActiveSpan()?.spanContext();
  return context ? { trace_id: context.traceId, span_id: context.spanId } : {};
};

/**
 * Pino takes an error's own message when none is given; that message may quote what must not be
 * logged.
 */
function maskMessage(this: pino.Logger, args: Parameters<pino.LogFn>, method: pino.LogFn): void {
  const [first, ...rest] = args as unknown as [unknown, ...unknown[]];
  if (typeof first === 'string') return method.call(this, maskText(first));
  const fields = first instanceof Error ? { err: first } : (first as { err?: unknown } | undefined);
  const message =
    typeof rest[0] === 'string'
      ? maskText(rest[0])
      : fields?.err instanceof Error
        ? safeMessage(fields.err)
        : undefined;
  method.call(this, fields ?? {}, message);
}

export {
  activeTraceparent,
  contextAfter,
  isTraced,
  isVisitId,
  nameVisit,
  SERVICE,
  VISIT,
  visitHeaders,
} from './flow';
export { logger, type Logger, type LoggerOptions, type LogLevel, setLogLevel } from './logger';
export {
  endingWith,
  failed,
  inNewFlow,
  inSpan,
  inSpanAfter,
  inTraceApart,
  type SpanOptions,
} from './spans';
export type { Telemetry, TelemetryOptions } from './start-telemetry';
export { meter, startTelemetry } from './telemetry';

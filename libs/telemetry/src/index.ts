export { logger, type Logger, type LoggerOptions, type LogLevel, setLogLevel } from './logger';
export type { Telemetry, TelemetryOptions } from './start-telemetry';
export { meter, startTelemetry } from './telemetry';

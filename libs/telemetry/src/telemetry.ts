import { type Meter, metrics } from '@opentelemetry/api';
import type { Telemetry, TelemetryOptions } from './start-telemetry';

/**
 * Starts metrics, and traces when there is a collector. Call it before anything that is to be
 * instrumented (http, express, pg, Nest) is loaded, and before instruments are made. The SDK is
 * loaded here and not at the top, so that a process that only logs does not load it.
 */
export const startTelemetry = (options: TelemetryOptions): Telemetry =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  (require('./start-telemetry') as typeof import('./start-telemetry')).startMetricsAndTraces(
    options,
  );

/**
 * Makes instruments (counters, histograms) under a name, e.g. `caretab.credit`. Made before
 * `startTelemetry`, they count nothing.
 */
export const meter = (name: string): Meter => metrics.getMeter(name);
